/**
 * The HTTP/1.1 server of a node: connections on Netty's threads, each request on a virtual thread
 * of its own, plain blocking handlers. Knows nothing of what is served.
 */
@NullMarked
package io.rafttsdb.node.http;

import org.jspecify.annotations.NullMarked;
