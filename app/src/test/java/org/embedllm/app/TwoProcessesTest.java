package org.embedllm.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Two commands that write one place at the same time, each as process 1 of its own container: one
/// of them may be refused, and what is there is whole.
@Tag("process")
@Tag("slow")
@EnabledOnOs(value = OS.LINUX, disabledReason = "it makes namespaces")
class TwoProcessesTest {
  private static final int ROUNDS = 5;

  @TempDir private Path folder;

  @Test
  void imports_ofTwoContainersToOnePlace_oneIsTold() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Path data = folder.resolve("data" + round);
      List<Ended> ended =
          together(
              List.of("import", table("a"), "--to", data),
              List.of("import", table("b"), "--to", data));
      assertThat(ended).extracting(Ended::status).containsExactlyInAnyOrder(0, 2);
      Ended refused = ended.stream().filter(each -> each.status() == 2).findFirst().orElseThrow();
      assertThat(refused.said()).contains(data.toString()).containsPattern("another|exists");
      String winner = ended.getFirst().status() == 0 ? "a0" : "b0";
      assertThat(Files.readString(data.resolve("models.csv"))).contains(winner);
      assertThat(left()).isEmpty();
    }
  }

  @Test
  void trainings_ofTwoContainersToOneModel_leaveOneWhole() throws Exception {
    Path data = folder.resolve("data");
    assertThat(CommandRun.of("import", table("a"), "--to", data).status()).isZero();
    Path model = folder.resolve("pool.safetensors");
    for (int round = 0; round < ROUNDS; round++) {
      List<Ended> ended =
          together(train(data, model, 2L * round), train(data, model, 2L * round + 1));
      assertThat(ended).extracting(Ended::status).contains(0).isSubsetOf(0, 2);
      ended.stream()
          .filter(each -> each.status() == 2)
          .forEach(each -> assertThat(each.said()).contains("another embedllm"));
      // The questions beside the model are its own.
      CommandRun plan = CommandRun.of("plan", model, "--budget", 2);
      assertThat(plan.status()).as(plan.err()).isZero();
      assertThat(left()).isEmpty();
    }
  }

  private static List<Object> train(Path data, Path model, long seed) {
    return List.of("train", data, "--encoder", "text-features", "--seed", seed, "--to", model);
  }

  private record Ended(int status, String said) {}

  private List<Ended> together(List<Object> one, List<Object> other) throws Exception {
    Path first = folder.resolve("said-1.txt");
    Path second = folder.resolve("said-2.txt");
    Process a = started(one, first);
    Process b = started(other, second);
    return List.of(
        new Ended(a.waitFor(), Files.readString(first)),
        new Ended(b.waitFor(), Files.readString(second)));
  }

  private static Process started(List<Object> arguments, Path said) throws Exception {
    List<String> container = List.of("unshare", "-rpf", "--mount-proc");
    List<String> trial = new ArrayList<>(container);
    trial.add("true");
    Assumptions.assumeTrue(
        new ProcessBuilder(trial).start().waitFor() == 0, "this system makes no namespaces");
    List<String> command = new ArrayList<>(container);
    command.addAll(ProgramProcess.command(List.of(), arguments));
    return new ProcessBuilder(command)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(said.toFile())
        .start();
  }

  private List<Path> left() throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      return tree.filter(path -> String.valueOf(path.getFileName()).startsWith(".")).toList();
    }
  }

  private Path table(String name) throws IOException {
    Path file = folder.resolve(name + ".csv");
    if (!Files.exists(file)) {
      SplittableRandom random = new SplittableRandom(1);
      StringBuilder table = new StringBuilder("model,prompt_id,prompt,category,label\n");
      for (int j = 0; j < 2_000; j++) {
        for (int i = 0; i < 6; i++) {
          table.append(
              "%s%d,%d,what is %d plus %d,c%d,%d%n"
                  .formatted(name, i, j, j, 3 * j, j % 2, random.nextInt(2)));
        }
      }
      Files.writeString(file, table);
    }
    return file;
  }
}
