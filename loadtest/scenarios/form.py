"""What an upload's form says beside its file. Nothing here needs Locust."""

GROUPS = {"campaign": "campaign"}  # what the contacts of a kind are put into; a list unless said otherwise


def fields(kind: str, group: str) -> dict[str, str]:
    """The form of a file of *kind* whose contacts go to the list, or the campaign, called *group*."""
    return {"kind": kind, "mode": "sync", GROUPS.get(kind, "list"): group}
