"""The one place where tests wait: for a condition, and no longer than it may take."""
import time


def until(condition, seconds=10, said="it did not happen", step=0.02):
    """Returns what `condition` returns once that is true. `said`: the failure, or a function that makes it; `step`: how long between
    two looks, where looking costs something."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(said() if callable(said) else said)
        time.sleep(step)
    return found
