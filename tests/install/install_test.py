#!/usr/bin/env python3
"""The library as others have it: installed into a folder of its own, found with CMake and with pkg-config by programs outside of
this tree, which then run. Environment: BEELINE_BUILD, the build folder; BEELINE_MANUAL, the example of signaling by hand."""
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent.parent
PATIENCE = 500  # seconds, of a compiler on a busy machine


def run(*command, cwd=None, env=None):
    """What the command prints; an error with all of it where it fails."""
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=env, text=True, timeout=PATIENCE,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: {done.returncode}\n{done.stdout}")
    return done.stdout


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="beeline-install-"))
        cls.prefix = cls.folder / "prefix"
        run("cmake", "--install", os.environ["BEELINE_BUILD"], "--component", "library", "--prefix", cls.prefix)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def installed(self):
        return sorted(path.relative_to(self.prefix).as_posix() for path in self.prefix.rglob("*") if path.is_file())

    def test_headers_are_the_public_ones_and_include_no_other(self):
        headers = [name for name in self.installed() if name.startswith("include/")]
        self.assertIn("include/beeline/beeline.h", headers)
        self.assertIn("include/beeline/api/peer_connection.h", headers)
        for name in headers:
            for line in (self.prefix / name).read_text(encoding="utf-8").splitlines():
                if line.startswith('#include "'):
                    self.assertIn("include/" + line.split('"')[1], headers, name)

    def test_nothing_of_the_server_is_installed(self):
        for name in self.installed():
            self.assertNotIn("/bin/", "/" + name)
            self.assertTrue(name.startswith(("include/beeline/", "lib")), name)

    def test_find_package_finds_it_and_a_program_runs(self):
        build = self.folder / "build"
        run("cmake", "-S", SOURCE / "examples", "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}", "-DCMAKE_BUILD_TYPE=Debug")
        run("cmake", "--build", build, "--target", "example_coroutines", "example_c_peers")
        self.assertIn("alice hears: hello, alice", run(build / "example_coroutines"))
        self.assertIn("hello, bob", run(build / "example_c_peers"))

    def with_pkg_config(self, compiler, standard, source):
        folder = next(self.prefix.rglob("beeline.pc")).parent
        flags = run("pkg-config", "--cflags", "--libs", "beeline", env={**os.environ, "PKG_CONFIG_PATH": str(folder)}).split()
        library = next(self.prefix.rglob("libbeeline.*")).parent
        program = self.folder / (Path(source).stem + "-pc")
        run(compiler, f"-std={standard}", SOURCE / "examples" / source, "-o", program, *flags, f"-Wl,-rpath,{library}")
        return run(program)

    def test_pkg_config_finds_it_for_cpp(self):
        self.assertIn("alice hears: hello, alice", self.with_pkg_config("g++", "c++23", "callbacks.cc"))

    def test_pkg_config_finds_it_for_c(self):
        self.assertIn("hello, bob", self.with_pkg_config("gcc", "c11", "c_peers.c"))


class Manual(unittest.TestCase):
    def test_two_programs_meet_by_copy_and_paste(self):
        def start(*arguments):
            return subprocess.Popen([os.environ["BEELINE_MANUAL"], *arguments], text=True, stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE)

        def copy_and_paste(source, target):
            for line in source.stdout:
                target.stdin.write(line)
                if line == "\n":
                    break
            target.stdin.flush()

        with start() as offers, start("answer") as answers:
            copy_and_paste(offers, answers)
            copy_and_paste(answers, offers)
            self.assertEqual(offers.stdout.read(), "heard: hello from C++\n")
            self.assertEqual(answers.stdout.read(), "heard: hello from C++\n")
        self.assertEqual((offers.returncode, answers.returncode), (0, 0))


if __name__ == "__main__":
    unittest.main()
