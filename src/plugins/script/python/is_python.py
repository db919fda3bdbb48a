"""Reads a script from stdin; exits with 0 when it is Python, with 1 otherwise."""
import ast
import sys


def is_bare(statement):
    """`ls` and `pwd` are names to Python as well, but a script of nothing else is a shell's."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, (ast.Name, ast.Attribute))


try:
    body = ast.parse(sys.stdin.read()).body
except (SyntaxError, ValueError):
    sys.exit(1)
sys.exit(0 if body and not all(is_bare(statement) for statement in body) else 1)
