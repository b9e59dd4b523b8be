#!/usr/bin/env python3
"""Rule P2: what is built for people is hardened, read from the binaries themselves and from how each source was compiled.
Environment: BEELINE_BUILD, the build folder; BEELINE_BINARIES, separated by colons."""
import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path


def output(*command):
    return subprocess.run([str(part) for part in command], text=True, check=True, timeout=120, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT).stdout


def is_pie(binary):
    return "DYN" in re.search(r"Type: +(\w+)", output("readelf", "-hW", binary)).group(1) and "PIE" in output("readelf", "-dW", binary)


def has_full_relro(binary):
    dynamic = output("readelf", "-dW", binary)
    return "GNU_RELRO" in output("readelf", "-lW", binary) and ("BIND_NOW" in dynamic or re.search(r"Flags:.*\bNOW\b", dynamic) is not None)


def memory_is_writable_or_executable(binary):
    """Never both; the stack is one of them, and must be said to be."""
    flags = re.findall(r"^ +(LOAD|GNU_STACK) +(?:0x[0-9a-f]+ +){5}([RWE ]{3})", output("readelf", "-lW", binary), flags=re.M)
    return ("GNU_STACK", "RW ") in flags and not any("W" in each and "E" in each for _, each in flags)


def imports(binary):
    return set(re.findall(r" UND (\S+?)(?:@|$| )", output("readelf", "--dyn-syms", "-W", binary), flags=re.M))


def has_stack_protector(binary):
    return "__stack_chk_fail" in imports(binary)


def is_fortified(binary):
    return any(re.fullmatch(r"__\w+_chk", name) for name in imports(binary))


def asserts_its_standard_library(binary):
    return any("__glibcxx_assert_fail" in name for name in imports(binary))


def marks_its_branch_targets(binary):
    code = output("objdump", "-d", "--disassemble=main", binary)
    return re.search(r"<main>:\n +[0-9a-f]+:\t(?:[0-9a-f]{2} )+ *\tendbr64", code) is not None


CHECKS = (is_pie, has_full_relro, memory_is_writable_or_executable, has_stack_protector, is_fortified, asserts_its_standard_library,
          marks_its_branch_targets)
FLAGS = ("-fstack-protector-strong", "-D_FORTIFY_SOURCE=3", "-D_GLIBCXX_ASSERTIONS", "-fcf-protection")

WEAK = """#include <cstdio>
#include <vector>
int main(int argc, char** argv) {
  std::vector<int> numbers(static_cast<unsigned>(argc));
  char text[64];
  std::sprintf(text, "%s %d", argv[0], numbers[0]);
  return std::puts(text);
}
"""


class Hardening(unittest.TestCase):
    def test_every_binary_has_it(self):
        binaries = [name for name in os.environ["BEELINE_BINARIES"].split(":") if name]
        self.assertTrue(binaries)
        for binary in binaries:
            for check in CHECKS:
                with self.subTest(binary=Path(binary).name, check=check.__name__):
                    self.assertTrue(check(binary))

    def test_every_source_is_compiled_with_it(self):
        commands = json.loads(Path(os.environ["BEELINE_BUILD"], "compile_commands.json").read_text(encoding="utf-8"))
        sources = [one for one in commands if one["file"].endswith((".cc", ".c"))]
        self.assertGreater(len(sources), 100)
        for one in sources:
            for flag in FLAGS:
                self.assertIn(f" {flag} ", one["command"] + " ", one["file"])
            self.assertRegex(one["command"], r" -O[23] ", one["file"])
            self.assertRegex(one["command"], r" -f(PIE|PIC) ", one["file"])

    def test_a_program_without_it_is_told(self):
        """That these checks can fail: the same compiler, asked for none of it."""
        with tempfile.TemporaryDirectory() as folder:
            source, weak, strong = (Path(folder, name) for name in ("weak.cc", "weak", "strong"))
            source.write_text(WEAK, encoding="utf-8")
            output("g++", "-O2", "-U_FORTIFY_SOURCE", "-fno-stack-protector", "-fcf-protection=none", "-no-pie", "-fno-pie",
                   "-Wl,-z,norelro,-z,lazy,-z,execstack", source, "-o", weak)
            output("g++", "-O2", "-U_FORTIFY_SOURCE", *FLAGS, "-fPIE", "-pie", "-Wl,-z,relro,-z,now", source, "-o", strong)
            for check in CHECKS:
                with self.subTest(check=check.__name__):
                    self.assertFalse(check(weak))
                    self.assertTrue(check(strong))


if __name__ == "__main__":
    unittest.main()
