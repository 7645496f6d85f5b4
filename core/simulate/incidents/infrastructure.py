"""Incidents of the shared infrastructure: message queue and database."""

from __future__ import annotations

from typing import Final

from core.simulate.disturbance import (
    ERRORS,
    UNSEEN,
    Action,
    Disturbance,
    Effect,
    Repeated,
)
from core.simulate.script import SAME, Catalogue, Context, Message, Step, Traceback

RPC_SERVICES: Final = (
    "nova-compute",
    "nova-conductor",
    "nova-scheduler",
    "neutron-server",
    "neutron-openvswitch-agent",
)
DATABASE_SERVICES: Final = ("nova-conductor", "nova-api", "neutron-server", "keystone")

_RPC_FRAMES: Final = (
    "oslo_messaging/rpc/client.py call: result = self.transport.send_and_wait(self.target, message, limit)",
    "oslo_messaging/_drivers/amqpdriver.py send: answer = self._waiter.wait(message_id, limit)",
    "oslo_messaging/_drivers/amqpdriver.py get: raise MessagingTimeout(message_id)",
)
_DATABASE_FRAMES: Final = (
    "oslo_db/sqlalchemy/enginefacade.py _transaction_scope: yield resource",
    "sqlalchemy/engine/base.py _execute_context: self.dialect.do_execute(cursor, statement, parameters)",
    "pymysql/connections.py _read_bytes: raise error.OperationalError(code, text)",
)
_LOST_DATABASE: Final = (
    "DBConnectionError: (pymysql.err.OperationalError) (2013, 'Lost connection to MySQL server on {database}')"
)

CATALOGUE: Catalogue = {
    "amqp.unreachable": Message(
        "*",
        "oslo.messaging._drivers.impl_rabbit",
        "ERROR",
        "[{object}] AMQP server on {amqp}:5672 is unreachable: [Errno 111] ECONNREFUSED. Next attempt in {interval} s.",
        Context.TASK,
    ),
    "amqp.reset": Message(
        "*",
        "oslo.messaging._drivers.impl_rabbit",
        "ERROR",
        "[{object}] Connection to the AMQP server was reset by its peer ({amqp}:5672)",
        Context.TASK,
    ),
    "amqp.back": Message(
        "*",
        "oslo.messaging._drivers.impl_rabbit",
        "INFO",
        "[{object}] Connection to the AMQP server on {amqp}:5672 is up again, port {number}.",
        Context.TASK,
    ),
    "rpc.timeout": Message(
        "nova-conductor",
        "nova.conductor.manager",
        "ERROR",
        "[instance: {instance}] Build could not be scheduled: Timed out waiting for a reply to {object}",
        traceback=Traceback(
            ("nova/conductor/manager.py _schedule_instances: hosts = self.query.select(context, spec)", *_RPC_FRAMES),
            "oslo_messaging.exceptions.MessagingTimeout: Timed out waiting for a reply to message {object}",
        ),
    ),
    "rpc.timeout_agent": Message(
        "*",
        "neutron.common.rpc",
        "ERROR",
        "Timeout in RPC method report_state. Waiting for {interval} seconds before the next attempt.: MessagingTimeout",
        Context.TASK,
    ),
    "rpc.timeout_compute": Message(
        "nova-compute",
        "oslo_service.periodic_task",
        "ERROR",
        "Error during ComputeManager.update_available_resource: Timed out waiting for a reply to {object}",
        Context.TASK,
        Traceback(
            (
                "oslo_service/periodic_task.py run_periodic_tasks: task(self, context)",
                "nova/compute/manager.py update_available_resource: nodes = self._nodes_in_database(context)",
                *_RPC_FRAMES,
            ),
            "oslo_messaging.exceptions.MessagingTimeout: Timed out waiting for a reply to message {object}",
        ),
    ),
    "db.api_failed": Message(
        "nova-api",
        "nova.api.openstack.wsgi",
        "ERROR",
        "Unexpected exception in an API method: " + _LOST_DATABASE,
        traceback=Traceback(
            (
                "nova/api/openstack/wsgi.py wrapped: return func(*arguments, **named)",
                "nova/compute/api.py get_all: return self._query(context, filters)",
                *_DATABASE_FRAMES,
            ),
            _LOST_DATABASE,
        ),
    ),
    "db.lost": Message(
        "*",
        "oslo_db.sqlalchemy.engines",
        "WARNING",
        "SQL connection failed. {number} attempts left.: " + _LOST_DATABASE,
        Context.TASK,
    ),
    "db.error": Message(
        "*",
        "oslo_db.sqlalchemy.exc_filters",
        "ERROR",
        "DB exception wrapped.: " + _LOST_DATABASE,
        Context.TASK,
        Traceback(_DATABASE_FRAMES, _LOST_DATABASE),
    ),
    "db.back": Message(
        "*", "oslo_db.sqlalchemy.engines", "INFO", "SQL connection to {database} works again.", Context.TASK
    ),
    "db.deadlock": Message(
        "*",
        "oslo_db.api",
        "WARNING",
        "DB error, trying again: (pymysql.err.InternalError) (1213, 'Deadlock found when trying to get lock; try "
        "restarting transaction')",
        Context.TASK,
    ),
    "db.deadlock_final": Message(
        "neutron-server",
        "oslo_db.api",
        "ERROR",
        "DB exceeded its retry limit.: DBDeadlock: (1213, 'Deadlock found when trying to get lock')",
        traceback=Traceback(
            ("oslo_db/api.py wrapper: return function(*arguments, **named)", *_DATABASE_FRAMES[:2]),
            "oslo_db.exception.DBDeadlock: (pymysql.err.InternalError) (1213, 'Deadlock found on getting a lock')",
        ),
    ),
}

INCIDENTS: Final = (
    Disturbance(
        "amqp_unreachable",
        "The message queue refuses connections; every service retries with back-off and builds fail",
        ERRORS,
        (90.0, 240.0),
        repeats=(
            Repeated((Step("amqp.reset"),), times=1, services=RPC_SERVICES),
            Repeated((Step("amqp.unreachable"),), (1.0, 2.0), 1.0, 1.4, services=RPC_SERVICES),
        ),
        effects=(
            Effect(("scheduler.request", "placement.candidates"), Action.FAIL, (Step("rpc.timeout", 20.0),)),
            Effect(("task.resources", "task.dhcp_*", "task.volume_stats"), Action.LOSE),
        ),
        provokes=(("server", 2),),
        recovery=(Step("amqp.back", 0.5),),
        recovery_services=RPC_SERVICES,
    ),
    Disturbance(
        "rpc_timeout",
        "The queue accepts calls, but replies do not come: RPC calls time out",
        ERRORS,
        (150.0, 300.0),
        repeats=(
            Repeated(
                (Step("rpc.timeout_agent"),),
                (25.0, 45.0),
                15.0,
                services=("neutron-openvswitch-agent", "neutron-dhcp-agent"),
            ),
            Repeated((Step("rpc.timeout_compute"),), (50.0, 70.0), 20.0),
        ),
        effects=(
            Effect(("scheduler.request", "placement.candidates"), Action.FAIL, (Step("rpc.timeout", 60.0, 0.02),)),
        ),
        provokes=(("server", 2),),
    ),
    Disturbance(
        "database_lost",
        "The database server is gone: 500s everywhere until it is back",
        ERRORS,
        (60.0, 180.0),
        repeats=(
            Repeated((Step("db.error"),), (15.0, 25.0), 0.5, services=DATABASE_SERVICES),
            Repeated((Step("db.lost"),), (8.0, 12.0), 1.0, services=DATABASE_SERVICES),
        ),
        effects=(
            Effect(
                ("nova.list*", "nova.show", "nova.create", "nova.action", "nova.delete"),
                Action.FAIL,
                (Step("db.api_failed"), Step(SAME, 0.5, status=500)),
            ),
            Effect(("neutron.*", "cinder.*"), Action.FAIL, (Step(SAME, 1.0, status=500),), share=0.8),
            Effect(("keystone.*",), Action.LOSE, share=0.5),
        ),
        provokes=(("server", 2), ("browse", 2)),
        recovery=(Step("db.back", 0.5),),
        recovery_services=DATABASE_SERVICES,
    ),
    Disturbance(
        "database_deadlock",
        "Transactions deadlock under contention; some are tried again, some give up",
        UNSEEN,
        (120.0, 240.0),
        repeats=(Repeated((Step("db.deadlock"),), (4.0, 12.0), services=("neutron-server", "nova-conductor")),),
        effects=(
            Effect(
                ("neutron.create_*", "neutron.bind_port", "neutron.delete_*"),
                Action.FAIL,
                (Step("db.deadlock_final", 2.0), Step(SAME, 0.1, status=500)),
                share=0.7,
            ),
        ),
        provokes=(("server", 2),),
    ),
)
