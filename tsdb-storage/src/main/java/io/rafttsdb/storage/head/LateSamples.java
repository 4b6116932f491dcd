package io.rafttsdb.storage.head;

import io.rafttsdb.storage.model.Ulid;
import org.jspecify.annotations.Nullable;

/**
 * Samples of a series that came out of order.
 *
 * @param part the sealed part that they are in, or null while they are in the Head
 */
record LateSamples(@Nullable Ulid part, OutOfOrder samples) {}
