package org.embedllm.ingest;

import java.util.HashMap;
import java.util.Map;

/// Names of groups, some of which are the same group.
final class GroupUnion {
  private final Map<String, String> parent = new HashMap<>();

  /// Joins the groups of two names.
  void join(String a, String b) {
    String rootA = representative(a);
    String rootB = representative(b);
    // The smaller name represents both, so the order of joining does not matter.
    if (rootA.compareTo(rootB) < 0) {
      parent.put(rootB, rootA);
    } else if (rootB.compareTo(rootA) < 0) {
      parent.put(rootA, rootB);
    }
  }

  /// The smallest name of the group.
  String representative(String name) {
    String at = name;
    for (String up = parent.get(at); up != null; up = parent.get(at)) {
      String above = parent.get(up);
      if (above != null) {
        parent.put(at, above);
      }
      at = up;
    }
    return at;
  }
}
