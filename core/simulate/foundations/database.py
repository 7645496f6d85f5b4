"""MariaDB with Galera: connections that end badly, the cluster's views, and a server that starts."""

from __future__ import annotations

from typing import Final

from core.simulate.script import Catalogue, Context, Script, Step, messages

_LISTENS: Final = "WSREP: ({galera_id}, 'tcp://0.0.0.0:4567')"

CATALOGUE: Catalogue = messages(
    "mariadb",
    {
        "mariadb.aborted": (
            "{thread}",
            "WARNING",
            (
                "Aborted connection {thread} to db: '{schema}' user: '{schema}' host: '{net}.{octet}' "
                "(Got an error reading communication packets)"
            ),
        ),
        "mariadb.idle": (
            "{thread}",
            "WARNING",
            (
                "Aborted connection {thread} to db: '{schema}' user: '{schema}' host: '{net}.{octet}' "
                "(Got timeout reading communication packets)"
            ),
        ),
        "mariadb.probe": (
            "{thread}",
            "WARNING",
            (
                "Aborted connection {thread} to db: 'unconnected' user: 'unauthenticated' host: '{vip}' "
                "(This connection closed normally without authentication)"
            ),
        ),
        "mariadb.page_cleaner": (
            "0",
            "INFO",
            (
                "InnoDB: page_cleaner: 1000ms intended loop took {slow_ms}ms. The settings might not be optimal. "
                "(flushed={number}, during the time.)"
            ),
        ),
        "mariadb.semaphore": (
            "0",
            "WARNING",
            (
                "InnoDB: A long semaphore wait:\n"
                "--Thread 139{connection}216 has waited at row0ins.cc line 2{octet} for 24{few}.00 seconds the "
                "semaphore:\n"
                "X-lock on RW-latch at {object} created in file buf0buf.cc line 1{octet}"
            ),
        ),
        "mariadb.disk_full": (
            "{thread}",
            "ERROR",
            (
                "mariadbd: Disk full (/var/lib/mysql/#sql-temptable-{thread}.MAI); waiting for someone to free some "
                'space... (errno: 28 "No space left on device")'
            ),
        ),
        "mariadb.write_failed": (
            "0",
            "ERROR",
            (
                "InnoDB: Write to file ./{schema}/instances.ibd failed at offset {sector}, 16384 bytes should "
                "have been "
                "written, only 0 were written. Operating system error number 28. Check that your OS and file system "
                "support files of this size."
            ),
        ),
        "mariadb.stopping": ("0", "INFO", "/usr/sbin/mariadbd (initiated by: unknown): Normal shutdown"),
        "mariadb.starting": ("0", "INFO", "Starting MariaDB 10.6.12-MariaDB as process {victim}"),
        "mariadb.recovering": ("0", "INFO", "InnoDB: Starting crash recovery from checkpoint LSN={seqno}"),
        "mariadb.ready": (
            "0",
            "INFO",
            (
                "/usr/sbin/mariadbd: ready for connections.\n"
                "Version: '10.6.12-MariaDB'  socket: '/run/mysqld/mysqld.sock'  port: 3306"
            ),
        ),
        "galera.relay_on": (
            "0",
            "INFO",
            _LISTENS + " turning message relay requesting on, nonlive peers: tcp://{peer_ip}:4567",
        ),
        "galera.timed_out": (
            "0",
            "INFO",
            _LISTENS + " connection to peer {galera_peer} with addr tcp://{peer_ip}:4567 timed out, "
            "no messages seen in PT3S",
        ),
        "galera.reconnecting": (
            "0",
            "INFO",
            _LISTENS + " reconnecting to {galera_peer} (tcp://{peer_ip}:4567), attempt {number}",
        ),
        "galera.inactive": (
            "0",
            "WARNING",
            "WSREP: last inactive check more than PT1.5S ago (PT{few}.{octet}S), skipping check",
        ),
        "galera.suspecting": (
            "0",
            "INFO",
            "WSREP: evs::proto({galera_id}, GATHER, view_id(REG,{galera_id},{view})) suspecting node: {galera_peer}",
        ),
        "galera.no_prim": ("0", "WARNING", "WSREP: no nodes coming from prim view, prim not possible"),
        "galera.view": (
            "0",
            "INFO",
            (
                "WSREP: view(view_id(NON_PRIM,{galera_id},{view}) memb {{\n\t{galera_id},0\n}} joined {{\n}} "
                "left {{\n}} "
                "partitioned {{\n\t{galera_peer},0\n}})"
            ),
        ),
        "galera.received": ("0", "INFO", "WSREP: Received NON-PRIMARY."),
        "galera.cluster_view": (
            "2",
            "INFO",
            (
                "WSREP: New cluster view: global state: {galera_state}:{seqno}, view# -1: non-Primary, "
                "number of nodes: 1, my index: 0, protocol version 4"
            ),
        ),
        "galera.open": ("0", "INFO", "WSREP: Shifting SYNCED -> OPEN (TO: {seqno})"),
        "galera.quorum": (
            "0",
            "INFO",
            (
                "WSREP: Quorum results:\n\tversion    = 6,\n\tcomponent  = PRIMARY,\n\tconf_id    = {view},\n"
                "\tmembers    = 3/3 (joined/total),\n\tact_id     = {seqno}"
            ),
        ),
        "galera.synced": ("2", "INFO", "WSREP: Synchronized with group, ready for connections"),
        "galera.donor": (
            "0",
            "INFO",
            "WSREP: Member 0.0 ({server}) desyncs itself from group",
        ),
        "galera.resynced": ("0", "INFO", "WSREP: Member 0.0 ({server}) resyncs itself to group."),
    },
    Context.NONE,
)

LIFECYCLES: dict[str, Script] = {
    "database_drop": (Step("mariadb.aborted"),),
    "database_idle": (Step("mariadb.idle"),),
}
