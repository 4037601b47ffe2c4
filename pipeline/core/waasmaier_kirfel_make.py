#!/usr/bin/env python3
"""Writes waasmaier_kirfel.cpp from the table as XrayDB has it (public domain).

Usage: waasmaier_kirfel_make.py WaasmaierKirfel1995.txt > waasmaier_kirfel.cpp
The input has lines `Z ion c a1..a5 b1..b5`; comments start with #. It is what Debian's python3-xraydb (XrayDB 4.4) holds in its table
Waasmaier. Ions and valence states are left out: an ion's name is its element's symbol with something behind it.
"""
import re
import sys

NUMBER = r"[-+]?\d+\.\d+"


def neutral_rows(lines):
    rows = {}
    for line in lines:
        if line.startswith("#") or not line.strip():
            continue
        z, ion, rest = line.split(None, 2)
        if int(z) not in rows and re.fullmatch(r"[A-Z][a-z]?", ion):
            rows[int(z)] = (ion, re.findall(NUMBER, rest))
    return rows


def main():
    with open(sys.argv[1], encoding="utf-8") as table:
        rows = neutral_rows(table)
    assert sorted(rows) == list(range(1, 99)) and all(len(numbers) == 11 for _, numbers in rows.values())
    print("// The table of Waasmaier & Kirfel (1995), neutral atoms; written by waasmaier_kirfel_make.py.")
    print('#include "pipeline/core/waasmaier_kirfel.hpp"\n\n#include "pipeline/core/errors.hpp"\n\n#include <cstddef>\n#include <string>\n')
    print("namespace sqd {\n\nnamespace {\n\n// clang-format off")
    print("constexpr std::array<WaasmaierKirfelRow, waasmaier_kirfel_max_z> rows{{")
    for _, (symbol, n) in sorted(rows.items()):
        print(f"    {{{n[0]}, {{{', '.join(n[1:6])}}}, {{{', '.join(n[6:])}}}}}, // {symbol}")
    print("}};\n// clang-format on\n\n} // namespace\n")
    print("WaasmaierKirfelRow const& waasmaier_kirfel(int z) {\n    if (z < 1 || z > waasmaier_kirfel_max_z) {")
    print('        throw DataError("no form factor for atomic number " + std::to_string(z) +')
    print('                        " (the table of Waasmaier and Kirfel ends at 98, Cf) check the composition");')
    print("    }\n    return rows[static_cast<std::size_t>(z - 1)];\n}\n\n} // namespace sqd")


if __name__ == "__main__":
    main()
