"""Reads YAML the way Terraform's `yamldecode` does, so that both deployments see the same words.

YAML 1.1, PyYAML's default, takes the bare words `on`, `off`, `yes` and `no` for booleans, keys included; 1.2
does not. PyYAML also lets a key be given twice and keeps the last, which would silently drop permissions.
"""

import re
from typing import Any

import yaml


class _Loader(yaml.SafeLoader):
    """SafeLoader without the booleans of YAML 1.1 and without doubled keys."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML reads this attribute off the class
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key!r} is given twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def load(text: str) -> object:
    """Parse one YAML document.

    Raises:
        yaml.YAMLError: The text is no YAML, or gives a key twice.
    """
    # SafeLoader's subclass: no Python objects come out of it.
    return yaml.load(text, Loader=_Loader)  # noqa: S506
