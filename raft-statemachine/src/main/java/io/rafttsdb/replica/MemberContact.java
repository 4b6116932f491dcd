package io.rafttsdb.replica;

/**
 * What the leader knows of another member.
 *
 * @param commitIndex up to which the member knows the log to be committed; -1 before it told
 * @param silentMs for how long it has not answered
 */
public record MemberContact(long commitIndex, long silentMs) {}
