from importlib.machinery import ModuleSpec
from types import ModuleType

MODULES: dict[str, bool]

def create(spec: ModuleSpec, /) -> ModuleType: ...
def execute(module: ModuleType, /) -> None: ...
