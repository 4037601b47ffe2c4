// Nothing but the precompiled headers that the programs of tests share (tests/CMakeLists.txt).
