#!/usr/bin/env python3
"""Every rule of tools/tidy and tools/attack_rows, with a piece that must fail and one that must pass."""
import importlib.machinery
import importlib.util
import unittest
from pathlib import Path


def program(name):
    loader = importlib.machinery.SourceFileLoader(name, str(Path(__file__).with_name(name)))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


tidy = program("tidy")
attack_rows = program("attack_rows")
HEAD = "// What lives here.\n"


class Tidy(unittest.TestCase):
    def complaints(self, path, text):
        return [what for _, what in tidy.check_file(path, text)]

    def fails(self, path, text, word):
        found = self.complaints(path, text)
        self.assertTrue(any(word in what for what in found), f"{word!r} not in {found}")

    def passes(self, path, text):
        self.assertEqual(self.complaints(path, text), [])

    def test_layers(self):
        self.fails("beeline/stun/x.cc", HEAD + '#include "beeline/turn/server.h"\n', "may not include turn")
        self.passes("beeline/turn/x.cc", HEAD + '#include "beeline/stun/message.h"\n')
        self.fails("beeline/turn/x.cc", HEAD + '#include "server.h"\n', "not a path from the top")

    def test_third_parties(self):
        self.fails("beeline/crypto/x.h", HEAD + "#pragma once\n#include <openssl/evp.h>\n", "openssl")
        self.passes("beeline/crypto/x.cc", HEAD + "#include <openssl/evp.h>\n")
        self.fails("beeline/signaling/x.cc", HEAD + "#include <openssl/evp.h>\n", "openssl")
        self.fails("beeline/signaling/x.cc", HEAD + "#include <boost/asio/post.hpp>\n", "asio")

    def test_cores_do_nothing_by_themselves(self):
        for code in ("auto now = std::chrono::steady_clock::now();", "int n = rand();", "std::mutex lock;", "std::thread t;",
                     "int fd = socket(1, 2, 3);", 'getenv("HOME");', "#include <fstream>", "co_await thing;", "#ifdef DEBUG",
                     "std::random_device device;", "std::atomic<int> n;"):
            self.fails("beeline/turn/x.cc", HEAD + code + "\n", "no business")
        self.passes("beeline/turn/x.cc", HEAD + '// A socket( and a mutex in a comment, and\nauto text = "getenv socket(";\n')
        self.passes("beeline/net/x.cc", HEAD + "int fd = socket(1, 2, 3);\n")

    def test_names(self):
        for name in ("ConnectionManager", "StringUtil", "ParserImpl", "RequestContext", "PeerInfo", "UserData"):
            self.fails("beeline/net/x.cc", HEAD + f"class {name} {{}};\n", "says nothing")
        self.passes("beeline/net/x.cc", HEAD + "class DataChannel {};\nclass Database {};\n")
        self.fails("beeline/net/string_util.cc", HEAD, "says nothing")

    def test_shape(self):
        self.fails("beeline/net/x.cc", "int x;\n", "no opening comment")
        self.fails("beeline/net/x.h", HEAD + "int x;\n", "#pragma once")
        self.fails("beeline/net/x.cc", HEAD + "int x;\n" * 500, "lines; split")
        self.passes("beeline/net/x.cc", HEAD + "int x;\n" * 499)
        self.fails("beeline/net/x.cc", HEAD + "int " + "x" * 97 + ";\n", "columns")
        self.passes("beeline/net/x.cc", HEAD + "int " + "x" * 95 + ";\n")
        self.fails("beeline/net/x.cc", HEAD + "#define LOG_IT(x) x\n", "macros")
        body = lambda count: HEAD + "void f() {\n" + "  g();\n" * count + "}\n"
        self.fails("beeline/net/x.cc", body(60), "a function of")
        self.passes("beeline/net/x.cc", body(59))
        self.fails("web/sdk/src/x.ts", "let x;\n" * 501, "lines; split")

    def test_paths_of_one_machine(self):
        self.fails("docs/x.md", "see /" + "home/somebody/beeline\n", "one machine")
        self.passes("docs/x.md", "see https://example.org/home/page and ~/src/\n")

    def test_folders(self):
        everything = {f"beeline/{m}/{f}" for m in tidy.LAYERS for f in ("README.md", "CMakeLists.txt")}
        self.assertEqual(list(tidy.check_folders(everything)), [])
        self.assertEqual(len(list(tidy.check_folders(everything - {"beeline/stun/README.md"}))), 1)


class AttackRows(unittest.TestCase):
    def complaints(self, *rows):
        read = {"a_test.cc": "TEST(A, holds) {"}.get
        return attack_rows.complaints("\n".join(rows), read)[1]

    def test_names_of_tests(self):
        self.assertEqual(self.complaints("| T1 | x | y | [holds](../a_test.cc) |", "| T2 | x | y | the same |"), [])
        self.assertIn("has no test", self.complaints("| T1 | x | y | [held](../a_test.cc) |")[0])
        self.assertIn("has no test", self.complaints("| T1 | x | y | [holds](../b_test.cc) |")[0])

    def test_rows_without_tests(self):
        self.assertIn("names no test", self.complaints("| T1 | x | y | |")[0])
        self.assertIn("names no test", self.complaints("| T1 | x | y | the same |")[0])
        self.assertEqual(self.complaints("| W8 | x | there is no bus | |"), [])
        self.assertIn("take it out", self.complaints("| W8 | x | there is a bus | [holds](../a_test.cc) |")[0])
        self.assertIn("twice", self.complaints(*["| T1 | x | y | [holds](../a_test.cc) |"] * 2)[0])


if __name__ == "__main__":
    unittest.main()
