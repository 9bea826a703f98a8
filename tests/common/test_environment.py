"""Secrets from files: where compose and systemd put them."""

from portal.common.environment import with_files


def test_a_variable_is_read_from_its_file_and_loses_the_last_line_break(tmp_path):
    file = tmp_path / "key"
    file.write_text("a secret\n", encoding="utf-8")

    found = with_files({"SECRET_KEY_FILE": str(file), "LOG_LEVEL": "INFO"})

    assert found == {"SECRET_KEY_FILE": str(file), "LOG_LEVEL": "INFO", "SECRET_KEY": "a secret"}


def test_the_variable_itself_wins(tmp_path):
    file = tmp_path / "key"
    file.write_text("from the file", encoding="utf-8")

    found = with_files({"SECRET_KEY_FILE": str(file), "SECRET_KEY": "given"})

    assert found["SECRET_KEY"] == "given"


def test_a_missing_file_is_an_empty_value_that_required_settings_refuse():
    assert with_files({"SECRET_KEY_FILE": "/does/not/exist"})["SECRET_KEY"] == ""
