from __future__ import annotations

import pytest

from shipper.campaigns.definitions import CampaignSettings, compile_settings, read
from shipper.errors import ConfigError


def test_a_file_declares_goals_filters_and_models(tmp_path):
    path = tmp_path / "campaigns.yml"
    path.write_text(
        "touch: 'action: click'\nmodels: [last]\ngoals:\n"
        "  - name: trial\n    filter: 'action: start and object.type: trial'\n"
        "    lookback: 3d\n    count: first\n"
    )
    definitions = read(path)
    (goal,) = definitions.goals
    assert (goal.name, goal.only_first, goal.lookback) == ("trial", True, 3 * 86_400_000)
    assert goal.converts({"action": "start", "object": {"type": "trial"}})
    assert not goal.converts({"action": "start", "object": {"type": "plan"}})
    assert definitions.is_touch({"action": "click"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("goal: []", "did you mean `goals`"),
        ("models: [best]", "unknown model 'best'"),
        ("goals: [{name: A B, filter: x}]", "a goal's name"),
        ("goals: [{name: a, filter: 'x: 1'}, {name: a, filter: 'x: 2'}]", "two goals have the same name"),
        ("goals: []", "at least one goal"),
        ("goals:\n  - name: a\n    filter: 'action: ('", ":3"),
        ("goals: [{name: a, filter: 'x: 1', lookback: 3}]", "a duration such as"),
        ("half_life: 0s", "half-life"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path, text, message):
    path = tmp_path / "campaigns.yml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read(path)
    assert message in str(caught.value)


def test_the_fingerprint_changes_with_what_changes_results():
    one, other = CampaignSettings(), CampaignSettings(models=("last",))
    assert compile_settings(one).fingerprint == compile_settings(CampaignSettings()).fingerprint
    assert compile_settings(one).fingerprint != compile_settings(other).fingerprint
