package org.embedllm.app.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Set;
import org.embedllm.storage.ShutdownTasks;

/// Says what to do next when a signal ends a command ([Signals]).
public final class InterruptNote {
  /// Commands that go on where they stopped when they run again.
  private static final Set<String> RESUMED = Set.of("ask", "encode", "experiment", "tune");

  /// Commands that run until they are told to end.
  private static final Set<String> SERVERS = Set.of("serve", "explore");

  private volatile boolean done;

  /// @param arguments of the program
  public InterruptNote(List<String> arguments, PrintWriter err) {
    String command = arguments.isEmpty() ? "" : arguments.getFirst();
    boolean exports =
        arguments.stream()
            .anyMatch(word -> word.equals("--export") || word.startsWith("--export="));
    ShutdownTasks.add(() -> {
      if (!done) {
        err.println("embedllm: " + text(command, exports));
        err.flush();
      }
    });
  }

  /// @param exports whether `explore` writes a static page instead of serving one
  private static String text(String command, boolean exports) {
    if (RESUMED.contains(command)) {
      return "interrupted; run the same command again, it goes on where it stopped";
    }
    if (SERVERS.contains(command) && !exports) {
      return "stopping; run the same command again to start it";
    }
    if (command.equals("quickstart")) {
      return "interrupted; run the same command again";
    }
    return command.equals("train")
        ? "interrupted; nothing was replaced, run the same command again;"
            + " question vectors and finished epochs are kept"
        : "interrupted; nothing was replaced, run the same command again";
  }

  /// The command has ended by itself.
  public void done() {
    done = true;
  }
}
