# What the proofs share: numbers as a reader wants them, and claims with their bounds.

def median: sort | if length % 2 == 1 then .[length / 2 | floor]
                   else (.[length / 2 - 1] + .[length / 2]) / 2 end;

def rounded($places): . * pow(10; $places) | round / pow(10; $places);

def thousands: "\(. / 1000 | rounded(1))k";

def microseconds: if . == null then "none" else "\(. / 1000 | rounded(2)) us" end;

def megabytes: "\(. / 1000000 | rounded(1)) MB";

# A claim is {what, measured, bound, shown, held}.
def at_most($what; $measured; $bound; shown):
    {what: $what, shown: ($measured | shown), bound: "at most \($bound | shown)",
     held: ($measured != null and $measured <= $bound)};

def at_least($what; $measured; $bound; shown):
    {what: $what, shown: ($measured | shown), bound: "at least \($bound | shown)",
     held: ($measured != null and $measured >= $bound)};

# Claims as a Markdown table.
def table: "| claim | measured | bound | held |\n|---|---|---|---|\n"
    + (map("| \(.what) | \(.shown) | \(.bound) | \(if .held then "yes" else "**no**" end) |")
       | join("\n"));
