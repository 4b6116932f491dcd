/**
 * How a node finds its place in a cluster: the identity in its data directory, the bootstrap that
 * happens once, and what nodes ask of each other over HTTP.
 */
@NullMarked
package io.rafttsdb.node.cluster;

import org.jspecify.annotations.NullMarked;
