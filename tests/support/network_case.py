"""What tests have in common that make networks of their own."""
import unittest

import networks


class NetworkCase(unittest.TestCase):
    def setUp(self):
        if reason := networks.why_not():
            self.skipTest(reason)
        networks.run("ip", "link", "set", "lo", "up")

    def enter(self, manager):
        """A context manager until the end of the test."""
        manager.__enter__()
        self.addCleanup(manager.__exit__, None, None, None)
        return manager
