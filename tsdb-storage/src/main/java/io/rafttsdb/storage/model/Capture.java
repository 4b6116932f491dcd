package io.rafttsdb.storage.model;

import java.util.List;

/**
 * What a query sees: the state after exactly one log entry, the same for all its selections.
 *
 * @param index that log entry
 * @param series one list per selection, in the selections' order, each sorted by labels
 */
public record Capture(long index, List<List<SeriesView>> series) {}
