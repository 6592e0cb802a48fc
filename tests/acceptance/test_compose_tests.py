import pytest


@pytest.mark.parametrize("path", ["tests/unit/test_gunicorn_config.py", "tests/integration/test_csv_import_timeout.py"])
def test_the_tests_pass_inside_the_container(checkout, path):
    checkout.up(BUILD_TARGET="test")
    done = checkout.run("exec", "-T", "web", "pytest", path, "-v")
    assert done.returncode == 0, done.stdout[-5000:]
    assert " passed" in done.stdout
    assert " skipped" not in done.stdout
