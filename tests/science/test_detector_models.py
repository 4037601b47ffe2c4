"""Checks the tables of detectors and aliases that the unit test holds against the pyFAI that is installed; --print makes the first."""
import pathlib
import re
import sys

try:
    import pyFAI
    from pyFAI.detectors import ALL_DETECTORS, detector_factory
except ImportError:
    print("SKIPPED: no pyFAI")
    sys.exit(77)

TEST = pathlib.Path(__file__).parents[1] / "unit" / "detectors" / "test_models.cpp"
NAMES = """Eiger500k Eiger1M Eiger4M Eiger9M Eiger16M
    Eiger2_500k Eiger2_1M Eiger2_1MW Eiger2_2MW Eiger2_4M Eiger2_9M Eiger2_16M
    Eiger2CdTe_500k Eiger2CdTe_1M Eiger2CdTe_1MW Eiger2CdTe_2MW Eiger2CdTe_4M Eiger2CdTe_9M Eiger2CdTe_16M
    Pilatus100k Pilatus200k Pilatus300k Pilatus300kw Pilatus1M Pilatus2M Pilatus6M
    PilatusCdTe300k PilatusCdTe300kw PilatusCdTe900kw PilatusCdTe1M PilatusCdTe2M""".split()


def line(name):
    """One row of the table: name, shape, pixel, number of masked pixels, sum of their flat indices."""
    detector = detector_factory(name)
    assert detector.pixel1 == detector.pixel2, name
    masked = detector.mask.ravel().nonzero()[0]
    rows, cols = detector.shape
    return f'{{"{name}", {rows}, {cols}, {detector.pixel1:g}, {masked.size}, {int(masked.sum())}}},'


def later_differences(text):
    """Models that came after pyFAI 0.21.3, where this pyFAI has them. Its PILATUS4 CdTe is left out: it has the modules of a PILATUS3."""
    wrong = []
    for name, rows, cols, pixel in re.findall(r'\{"(\w+)", (\d+), (\d+), ([\de.-]+), \d+\},', text):
        if name.lower() not in ALL_DETECTORS:
            print(f"{name} is not in pyFAI {pyFAI.version}")
        elif not name.startswith("Pilatus4_CdTe"):
            detector = detector_factory(name)
            if (*detector.shape, detector.pixel1) != (int(rows), int(cols), float(pixel)):
                wrong.append(f"{name}: pyFAI has {detector.shape}, {detector.pixel1}")
    return wrong


def alias_differences(text):
    """Aliases that pyFAI reads as another detector, and those of the table's detectors that the unit test lacks."""
    held = dict(re.findall(r'\{"([\w -]+)", "(\w+)"\},', text))
    wrong = [alias for alias, name in held.items() if type(detector_factory(alias)).__name__ != name]
    lacking = [alias for name in NAMES for alias in ALL_DETECTORS[name.lower()].aliases if held.get(alias) != name]
    return wrong + lacking


def main():
    if "--print" in sys.argv:
        print("\n".join("    " + line(name) for name in NAMES))
        return 0
    text = TEST.read_text()
    held = re.findall(r'\{"\w+", \d+, \d+, [\de.-]+, \d+, \d+\},', text)
    wrong = [(h, line(re.match(r'\{"(\w+)"', h)[1])) for h in held if h != line(re.match(r'\{"(\w+)"', h)[1])]
    for pair in wrong:
        print("held %s\npyFAI %s has %s" % (pair[0], pyFAI.version, pair[1]))
    missing = set(NAMES) - {re.match(r'\{"(\w+)"', h)[1] for h in held}
    print(f"{len(held)} detectors compared with pyFAI {pyFAI.version}, {len(wrong)} differ, missing {sorted(missing)}")
    others = later_differences(text) + alias_differences(text)
    for problem in others:
        print("differs from pyFAI:", problem)
    return 1 if wrong or missing or others else 0


if __name__ == "__main__":
    sys.exit(main())
