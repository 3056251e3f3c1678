# What the proofs of the gate share.
include "claims";

def of($kind): map(select(.kind == $kind));

def alarms: map(select(.code == 10)) | length;

def percent: "\(. * 100 | rounded(1)) %";

def caught: [.[].detectable[]] | group_by(.figure)
    | map("\(.[0].figure) \(map(.detectable) | median | percent)") | join(", ");

# Comparisons as Markdown: each kind in short, then each with what it called worse.
def comparisons:
    (group_by(.kind) | map("| \(.[0].kind) | \(length) | \(alarms) | \(map(.rounds) | median) | \(caught) |")
     | "| comparisons | number | called a regression | rounds, median | smallest change that one would have caught, median |\n"
     + "|---|---|---|---|---|\n" + join("\n")), "",
    (map("| \(.kind) | \(.number) | \(.rounds) | " + (.worse | map("\(.cell) \(.figure) "
         + "\(.ratio - 1 | percent) (\(.low - 1 | percent) to \(.high - 1 | percent))") | join("; ")) + " |")
     | "| comparison | number | rounds | worse |\n|---|---|---|---|\n" + join("\n"));
