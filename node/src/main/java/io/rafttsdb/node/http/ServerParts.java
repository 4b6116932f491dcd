package io.rafttsdb.node.http;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;

/** What all connections of one server share. {@code draining}: it closes, and takes no more. */
record ServerParts(
    Router router,
    HttpLimits limits,
    Admission admission,
    HttpListener listener,
    ExecutorService threads,
    AtomicBoolean draining) {}
