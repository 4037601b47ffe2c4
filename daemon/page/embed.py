#!/usr/bin/env python3
"""Packs the page's files into a C++ source: embed.py OUTPUT.cpp NAME=FILE..."""

import gzip
import hashlib
import pathlib
import sys

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".json": "application/json",
         ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8"}


def literal(data, width=200):
    """Octal escapes, three digits each, so that no digit of the data can join them."""
    text = "".join(chr(b) if 32 <= b < 127 and chr(b) not in '"\\?' else f"\\{b:03o}" for b in data)
    lines, at = [], 0
    while at < len(text):
        end = min(at + width, len(text))
        backslash = text.rfind("\\", end - 3, end)
        if end < len(text) and backslash >= 0:
            end = backslash if backslash > at else end + 4
        lines.append(f'    "{text[at:end]}"')
        at = end
    return "\n".join(lines)


def main():
    output, entries = sys.argv[1], sorted(argument.split("=", 1) for argument in sys.argv[2:])
    arrays, table = [], []
    for i, (name, file) in enumerate(entries):
        content = pathlib.Path(file).read_bytes()
        packed = gzip.compress(content, 9, mtime=0)
        etag = hashlib.sha256(content).hexdigest()[:32]
        arrays.append(f"constexpr char data{i}[] =\n{literal(packed)};\n")
        table.append(f'    {{"{name}", "{TYPES[pathlib.Path(name).suffix]}", "\\"{etag}\\"", {{data{i}, {len(packed)}}}}},\n')
    pathlib.Path(output).write_text(f'''// Made by daemon/page/embed.py.
#include "daemon/web/page_assets.hpp"

namespace sqd {{
namespace {{

{chr(10).join(arrays)}
constexpr PageAsset assets[] = {{
{"".join(table)}}};

}} // namespace

std::span<PageAsset const> page_assets() {{
    return assets;
}}

}} // namespace sqd
''')


if __name__ == "__main__":
    main()
