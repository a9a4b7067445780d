package org.embedllm.gateway;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A real PostgreSQL of its own, from Debian's package.
public final class Postgres implements AutoCloseable {
  private static final Path INSTALLED = Path.of("/usr/lib/postgresql");

  private final Path folder;
  private final ProcessBuilder server;
  private final int port;
  private Process process;

  private Postgres(Path folder, ProcessBuilder server, int port) throws IOException {
    this.folder = folder;
    this.server = server;
    this.port = port;
    this.process = server.start();
  }

  /// The programs' folder; empty where PostgreSQL is not installed.
  public static Optional<Path> programs() throws IOException {
    if (!Files.isDirectory(INSTALLED)) {
      return onPath();
    }
    try (Stream<Path> versions = Files.list(INSTALLED)) {
      return versions
          .map(v -> v.resolve("bin"))
          .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
          .max(Comparator.naturalOrder());
    }
  }

  /// Not Debian's: wherever `initdb` really lies, with `postgres` beside it.
  private static Optional<Path> onPath() throws IOException {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    for (String folder : path.split(java.io.File.pathSeparator)) {
      Path initdb = Path.of(folder, "initdb");
      if (Files.isExecutable(initdb)) {
        Path bin = initdb.toRealPath().resolveSibling("");
        if (Files.isExecutable(bin.resolve("postgres"))) {
          return Optional.of(bin);
        }
      }
    }
    return Optional.empty();
  }

  public static Postgres start(Path programs) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("gateway-postgres");
    boolean root = System.getProperty("user.name").equals("root");
    if (root) {
      Files.setOwner(
          folder,
          folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("postgres"));
    }
    String data = folder.resolve("data").toString();
    run(
        root,
        List.of(
            programs.resolve("initdb").toString(),
            "-D",
            data,
            "-A",
            "trust",
            "-U",
            "test",
            "-E",
            "UTF8",
            "--no-sync"));
    int port = freePort();
    ProcessBuilder server =
        builder(
            root,
            List.of(
                programs.resolve("postgres").toString(),
                "-D",
                data,
                "-h",
                "127.0.0.1",
                "-p",
                Integer.toString(port),
                "-k",
                folder.toString()));
    var postgres = new Postgres(folder, server, port);
    postgres.awaitReady();
    return postgres;
  }

  /// A port that nobody is given by chance while it is not yet taken: below those that systems hand
  /// out by themselves.
  private static int freePort() throws IOException {
    BindException last = new BindException("none tried");
    for (int i = 0; i < 1_000; i++) {
      int port = ThreadLocalRandom.current().nextInt(15_000, 32_000);
      try (var free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return free.getLocalPort();
      } catch (BindException taken) {
        last = taken;
      }
    }
    throw last;
  }

  /// Ends it without a shutdown, as a crash would, and starts it again on what is on the disk.
  public void crash() throws IOException, InterruptedException {
    List<String> pid = Files.readAllLines(folder.resolve("data").resolve("postmaster.pid"));
    // SIGQUIT: every process of PostgreSQL ends at once, and the next start is a recovery.
    var quit = new ProcessBuilder("kill", "-QUIT", pid.getFirst().strip()).start();
    if (quit.waitFor() != 0 || !process.waitFor(30, TimeUnit.SECONDS)) {
      throw new IOException("PostgreSQL could not be crashed");
    }
    start();
  }

  /// Stops it as an operator would.
  public void stop() throws IOException, InterruptedException {
    Path pid = folder.resolve("data").resolve("postmaster.pid");
    var stop = new ProcessBuilder("kill", "-INT", Files.readAllLines(pid).getFirst().strip());
    if (stop.start().waitFor() != 0 || !process.waitFor(30, TimeUnit.SECONDS)) {
      throw new IOException("PostgreSQL could not be stopped");
    }
  }

  /// Starts it again.
  public void start() throws IOException, InterruptedException {
    process = server.start();
    awaitReady();
  }

  private static void run(boolean root, List<String> command)
      throws IOException, InterruptedException {
    Process process = builder(root, command).start();
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException(command.getFirst() + " failed");
    }
  }

  private static ProcessBuilder builder(boolean root, List<String> command) {
    var all = new ArrayList<String>();
    if (root) {
      all.addAll(List.of("runuser", "-u", "postgres", "--"));
    }
    all.addAll(command);
    return new ProcessBuilder(all)
        .directory(Path.of("/").toFile())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD);
  }

  private void awaitReady() throws IOException, InterruptedException {
    for (int i = 0; i < 1_200; i++) {
      try (Connection connection = DriverManager.getConnection(url())) {
        if (connection.isValid(1)) {
          return;
        }
      } catch (SQLException e) {
        Thread.sleep(100);
      }
    }
    close();
    throw new IOException("PostgreSQL did not start");
  }

  public String url() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=test";
  }

  /// Makes another database on it.
  ///
  /// @return its URL
  public String another(String name) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url());
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    }
    return url().replace("/postgres?", "/" + name + "?");
  }

  @Override
  public void close() throws IOException {
    try {
      // Asked by itself: who started it for another user would kill it after two seconds.
      Path pid = folder.resolve("data").resolve("postmaster.pid");
      if (Files.exists(pid)) {
        new ProcessBuilder("kill", "-INT", Files.readAllLines(pid).getFirst().strip())
            .start()
            .waitFor();
      } else {
        process.destroy();
      }
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
