package org.embedllm.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Two specialists: `accountant` answers sums, `ornithologist` answers questions about birds. The
/// encoder counts characters, so that no weights are loaded. For the tests of several modules.
public final class SmallPool {
  public static final String SUM = "What is 17 + 25?";
  public static final String BIRD = "Which bird has a red breast and sings in winter?";

  /// Unlike both.
  public static final String CODE =
      "public class A {\n  int[] b = {1, 2, 3};\n  void c() {\n    d(b[0] * 2);\n  }\n}\n"
          .repeat(30);

  private SmallPool() {}

  public static Path trained(Path folder) throws IOException {
    var rows = new StringBuilder("model_name,prompt,label\n");
    for (int j = 0; j < 200; j++) {
      boolean sum = j % 2 == 0;
      String prompt =
          sum
              ? "What is %d + %d?".formatted(11 + j, 23 + 3 * j % 70)
              : "Which bird has a %s breast and sings in %s?"
                  .formatted(
                      new String[] {"red", "grey", "white", "yellow", "brown"}[j % 5],
                      new String[] {"winter", "spring", "a wood", "the reeds"}[j / 5 % 4]
                          + " "
                          + "x".repeat(j % 7));
      rows.append("accountant,").append(prompt).append(sum == (j % 19 != 0) ? ",1\n" : ",0\n");
      rows.append("ornithologist,").append(prompt).append(sum == (j % 13 == 0) ? ",1\n" : ",0\n");
    }
    return trained(folder, "answers", rows);
  }

  /// From votes: the same two, each preferred on its subject.
  public static Path voted(Path folder) throws IOException {
    var rows = new StringBuilder("model_a,model_b,winner,prompt\n");
    for (int j = 0; j < 200; j++) {
      rows.append("accountant,ornithologist,")
          .append(j % 2 == 0 ? "model_a," : "model_b,")
          .append(
              j % 2 == 0
                  ? "What is %d + %d?".formatted(11 + j, 23 + 3 * j)
                  : "Which bird is the %dth of a wood with %d?".formatted(j, 3 * j))
          .append('\n');
    }
    return trained(folder, "votes", rows);
  }

  private static Path trained(Path folder, String name, CharSequence rows) throws IOException {
    Path table = Files.writeString(folder.resolve(name + ".csv"), rows);
    Path model = folder.resolve(name + ".safetensors");
    EmbedLlm.train(table, "text-features", model);
    return model;
  }
}
