"""Incidents that begin in the database: a node outside of the primary component, a server that stalls or is killed."""

from __future__ import annotations

from typing import Final

from core.simulate.disturbance import ERRORS, LATENCY, Action, Disturbance, Effect, Repeated
from core.simulate.records import Role
from core.simulate.script import SAME, Catalogue, Context, Message, Step, Traceback

_SERVICES: Final = ("nova-conductor", "nova-api", "neutron-server", "keystone", "cinder-scheduler")
_FRAMES: Final = (
    "oslo_db/sqlalchemy/enginefacade.py _transaction_scope: yield resource",
    "sqlalchemy/engine/base.py _execute_context: self.dialect.do_execute(cursor, statement, parameters)",
    "pymysql/err.py raise_mysql_exception: raise errorclass(errno, errval)",
)
_NOT_PREPARED: Final = (
    "DBError: (pymysql.err.OperationalError) (1047, 'WSREP has not yet prepared node for application use')"
)
_REFUSED: Final = (
    "DBConnectionError: (pymysql.err.OperationalError) (2003, \"Can't connect to MySQL server on '{database}' "
    '([Errno 111] ECONNREFUSED)")'
)
CALLS: Final = ("nova.list*", "nova.show", "nova.create", "nova.action", "nova.delete")


def _failed_call(error: str) -> Message:
    return Message(
        "nova-api",
        "nova.api.openstack.wsgi",
        "ERROR",
        "Unexpected exception in an API method: " + error,
        traceback=Traceback(
            (
                "nova/api/openstack/wsgi.py wrapped: return func(*arguments, **named)",
                "nova/compute/api.py get_all: return self._query(context, filters)",
                *_FRAMES,
            ),
            error,
        ),
    )


def _failed(error: str) -> Message:
    return Message(
        "*",
        "oslo_db.sqlalchemy.exc_filters",
        "ERROR",
        "DB exception wrapped.: " + error,
        Context.TASK,
        Traceback(_FRAMES, error),
    )


CATALOGUE: Catalogue = {
    "db.not_prepared": _failed(_NOT_PREPARED),
    "db.not_prepared_call": _failed_call(_NOT_PREPARED),
    "db.refused": _failed(_REFUSED),
    "db.refused_call": _failed_call(_REFUSED),
}


def _errors(key: str, first: float) -> tuple[Effect, ...]:
    return (
        Effect(CALLS, Action.FAIL, (Step(key), Step(SAME, 0.3, status=500)), first=first),
        Effect(("neutron.*", "cinder.*"), Action.FAIL, (Step(SAME, 0.5, status=500),), share=0.8, first=first),
    )


INCIDENTS: Final = (
    Disturbance(
        "galera_non_primary",
        "The database node loses its peers and leaves the primary component: every query fails with 1047",
        ERRORS,
        (120.0, 300.0),
        repeats=(
            Repeated(
                (
                    Step("galera.timed_out"),
                    Step("galera.relay_on", 0.01),
                    Step("galera.reconnecting", 1.0),
                    Step("galera.inactive", 0.5, chance=0.4),
                    Step("galera.suspecting", 1.5, repeat=(2, 4)),
                    Step("galera.no_prim", 1.0),
                    Step("galera.view", 0.1),
                    Step("galera.received", 0.01),
                    Step("galera.open", 0.01),
                    Step("galera.cluster_view", 0.01),
                ),
                times=1,
            ),
            Repeated((Step("galera.reconnecting"),), (4.0, 12.0), 12.0),
            Repeated((Step("haproxy.down_status"),), times=1, first=10.0, services=("galera",)),
            Repeated((Step("db.not_prepared"),), (12.0, 25.0), 9.5, services=_SERVICES, role=Role.SYMPTOM),
        ),
        effects=_errors("db.not_prepared_call", 9.0),
        provokes=(("server", 1), ("browse", 2)),
        on_controller=True,
        recovery_of_daemons=(
            Step("galera.quorum", 1.0),
            Step("galera.synced", 1.5),
            Step("haproxy.up", 3.0),
        ),
        recovery_daemons=("galera",),
        recovery=(Step("db.back", 0.5),),
        recovery_services=_SERVICES,
        needs=frozenset({"mariadb"}),
    ),
    Disturbance(
        "database_killed",
        "The kernel kills the database server for its memory; it recovers after its restart",
        ERRORS,
        (60.0, 150.0),
        repeats=(
            Repeated(
                (
                    Step("kernel.oom_database"),
                    Step("kernel.oom_database_killed", 0.05),
                    Step("kernel.oom_database_reaped", 0.2),
                    Step("systemd.oom", 0.05),
                    Step("systemd.killed", 0.1),
                    Step("systemd.failed_oom", 0.01),
                    Step("haproxy.down", 2.0),
                    Step("systemd.scheduled", 4.0),
                    Step("systemd.starting", 0.05),
                    Step("mariadb.starting", 1.0),
                    Step("mariadb.recovering", 2.0),
                ),
                times=1,
                services=("mariadb",),
            ),
            Repeated((Step("db.refused"),), (12.0, 20.0), 1.0, services=_SERVICES, role=Role.SYMPTOM),
        ),
        effects=_errors("db.refused_call", 0.6),
        provokes=(("server", 1), ("browse", 2)),
        on_controller=True,
        recovery_of_daemons=(Step("mariadb.ready", 0.3), Step("systemd.started", 0.1), Step("haproxy.up", 2.0)),
        recovery_daemons=("mariadb",),
        recovery=(Step("db.back", 0.5),),
        recovery_services=_SERVICES,
        needs=frozenset({"mariadb", "linux"}),
    ),
    Disturbance(
        "database_stalls",
        "The database waits for its own locks and its disk: every API answers many times as slowly",
        LATENCY,
        (180.0, 400.0),
        repeats=(
            Repeated((Step("mariadb.page_cleaner"),), (8.0, 25.0)),
            Repeated((Step("mariadb.semaphore"),), (25.0, 60.0), 10.0),
        ),
        effects=(Effect(("nova.*", "neutron.*", "keystone.*", "cinder.*"), Action.SLOW, factor=(6.0, 20.0)),),
        provokes=(("browse", 4),),
        on_controller=True,
        needs=frozenset({"mariadb"}),
    ),
)
