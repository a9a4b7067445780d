package org.embedllm.app;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.JsonNode;

/// The keys of each command's JSON that scripts rely on.
public final class ContractKeys {
  private ContractKeys() {}

  /// The keys a document of a command lacks.
  public static List<String> missing(String command, JsonNode document) throws IOException {
    List<String> missing = new ArrayList<>();
    for (String path : paths(command)) {
      if (!has(document, path)) {
        missing.add(path);
      }
    }
    return missing;
  }

  private static List<String> paths(String command) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(ContractKeys.class.getResourceAsStream("/contract/keys.txt"))) {
      List<String> paths =
          new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> line.startsWith(command + " "))
              .map(line -> line.substring(command.length() + 1))
              .toList();
      if (paths.isEmpty()) {
        throw new IllegalArgumentException("no keys are known for " + command);
      }
      return paths;
    }
  }

  /// Tensor names have dots themselves, so the longest key that fits comes first.
  private static boolean has(JsonNode node, String path) {
    if (node.has(path)) {
      return true;
    }
    for (int dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
      String head = path.substring(0, dot);
      String rest = path.substring(dot + 1);
      if (node.has(head)) {
        return has(node.get(head), rest);
      }
      if (head.equals("*")) {
        return !node.isEmpty() && node.values().stream().allMatch(child -> has(child, rest));
      }
    }
    return path.equals("*") && !node.isEmpty();
  }
}
