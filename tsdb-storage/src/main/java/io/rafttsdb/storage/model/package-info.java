/** The data model that every module shares: label sets, matchers, samples, write batches. */
@NullMarked
package io.rafttsdb.storage.model;

import org.jspecify.annotations.NullMarked;
