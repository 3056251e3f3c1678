# What the proofs of the gate share; sourced by them.
#
# $SCRATCH/comparisons.json gets an object for each comparison.
# shellcheck shell=bash

# One comparison: $1 its kind, $2 its number, the rest goes to scripts/gate.
gate() {
    local kind=$1 number=$2 code=0 folder=$SCRATCH/$1-$2
    shift 2
    ./scripts/gate --base-program "$BUSBENCH" --head-program "$BUSBENCH" --no-benchmarks \
        --out "$folder" "$@" >"$SCRATCH/gate.out" 2>"$SCRATCH/gate.err" || code=$?
    case $code in
        0 | 10) ;;
        *)
            tail -n 30 "$SCRATCH/gate.err" "$SCRATCH/gate.out" >&2
            die "comparison $number of $kind ended with $code"
            ;;
    esac
    jq --compact-output --arg kind "$kind" --argjson number "$number" --argjson code "$code" \
        --argjson rounds "$(find "$folder/base" -mindepth 1 -maxdepth 1 | wc -l)" '
        {kind: $kind, number: $number, code: $code, rounds: $rounds,
         worse: [.cells[] | . as $cell | .figures[] | select(.judgement == "worse")
                 | {cell: $cell.name, figure, ratio, low: .ratio_low, high: .ratio_high}],
         detectable: [.cells[].figures[] | select(.detectable != null) | {figure, detectable}]}
        ' "$folder/gate.json" | tee -a "$SCRATCH/comparisons.json" >&2
    if [ "$FORM" = full ] && [ "$code" = "$keep" ]; then
        # The first of its kind, to be read.
        [ -e "$SCRATCH/kept-$kind" ] || cp "$folder/gate.md" "results/proofs/gate-$kind.md"
        : >"$SCRATCH/kept-$kind"
    fi
    rm -rf "$folder"
}
