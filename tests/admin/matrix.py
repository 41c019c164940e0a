"""The matrix of the back-office: route, method, the least role that may; the walk compares it (SPEC S-1, S-2).

Written by hand beside the code, so that a permission is decided twice. ``open`` needs no sign-in.
"""

LADDER = ("viewer", "operator", "admin", "super_admin")
OPEN = "open"

MATRIX: dict[str, dict[str, str]] = {
    "/": {"GET": "viewer"},
    "/admin/": {"GET": "viewer"},
    "/admin/contracts/": {"GET": "viewer"},
    "/admin/contracts/<uuid:row_id>/": {"GET": "viewer"},
    "/admin/contracts/<uuid:row_id>/activate/": {"POST": "admin"},
    "/admin/contracts/<uuid:row_id>/activity/": {"GET": "viewer"},
    "/admin/contracts/<uuid:row_id>/deactivate/": {"POST": "admin"},
    "/admin/contracts/<uuid:row_id>/edit/": {"GET": "admin", "POST": "admin"},
    "/admin/contracts/<uuid:row_id>/generate/": {"GET": "admin", "POST": "admin"},
    "/admin/contracts/<uuid:row_id>/generations/<uuid:generation_id>/": {"GET": "viewer"},
    "/admin/contracts/<uuid:row_id>/key/issue/": {"POST": "admin"},
    "/admin/contracts/<uuid:row_id>/key/reveal/": {"GET": "admin", "POST": "admin"},
    "/admin/contracts/<uuid:row_id>/key/revoke/": {"GET": "admin", "POST": "admin"},
    "/admin/contracts/<uuid:row_id>/key/rotate/": {"GET": "admin", "POST": "admin"},
    "/admin/contracts/<uuid:row_id>/test-licenses/purge/": {"GET": "admin", "POST": "admin"},
    "/admin/contracts/<uuid:row_id>/test-window/": {"GET": "admin", "POST": "admin"},
    "/admin/contracts/<uuid:row_id>/test-window/close/": {"POST": "admin"},
    "/admin/contracts/new/": {"GET": "admin", "POST": "admin"},
    "/admin/environment": {"POST": "viewer"},
    "/admin/generators/": {"GET": "viewer"},
    "/admin/generators/<uuid:row_id>/": {"GET": "viewer"},
    "/admin/generators/<uuid:row_id>/edit/": {"GET": "admin", "POST": "admin"},
    "/admin/generators/new/": {"GET": "admin", "POST": "admin"},
    "/admin/jobs/": {"GET": "viewer"},
    "/admin/jobs/<uuid:row_id>/": {"GET": "viewer"},
    "/admin/jobs/<uuid:row_id>/cancel/": {"POST": "admin"},
    "/admin/jobs/<uuid:row_id>/progress/": {"GET": "viewer"},
    "/admin/licenses/": {"GET": "viewer"},
    "/admin/licenses/<uuid:row_id>/": {"GET": "viewer"},
    "/admin/palette/": {"GET": "viewer"},
    "/admin/preferences": {"POST": "viewer"},
    "/admin/products/": {"GET": "viewer"},
    "/admin/products/<uuid:row_id>/": {"GET": "viewer"},
    "/admin/products/<uuid:row_id>/edit/": {"GET": "admin", "POST": "admin"},
    "/admin/products/new/": {"GET": "admin", "POST": "admin"},
    "/admin/settings/": {"GET": "super_admin", "POST": "super_admin"},
    "/admin/shortcuts/": {"GET": "viewer"},
    "/healthz": {"GET": OPEN},
    "/link/<token>": {"GET": OPEN, "POST": OPEN},
    "/readyz": {"GET": OPEN},
    "/sign-in": {"GET": OPEN, "POST": OPEN},
    "/sign-out": {"POST": "viewer"},
    "/static/<path:filename>": {"GET": OPEN},
}
