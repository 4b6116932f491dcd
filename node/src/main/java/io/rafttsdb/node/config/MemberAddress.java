package io.rafttsdb.node.config;

import java.util.regex.Pattern;

/**
 * One node of the cluster as the configuration names it.
 *
 * @param http where the other nodes and clients reach its HTTP server
 * @param raft where the other nodes reach its Raft server
 */
public record MemberAddress(String name, Address http, Address raft) {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,62}");

  public MemberAddress {
    checkName(name);
    if (http.equals(raft)) {
      throw new IllegalArgumentException(
          "node " + name + " has " + http + " for both HTTP and Raft, expected two ports");
    }
  }

  /**
   * @throws IllegalArgumentException where a node can't bear this name
   */
  static void checkName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "\""
              + name
              + "\" is not a node's name: expected 1 to 63 letters, digits, '_', '.', '-',"
              + " beginning with a letter or digit");
    }
  }
}
