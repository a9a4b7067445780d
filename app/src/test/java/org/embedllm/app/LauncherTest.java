package org.embedllm.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// The launcher as a process, in a folder of its own with a Java and a Maven made of shell scripts.
@DisabledOnOs(OS.WINDOWS)
@Tag("process")
class LauncherTest {
  private static final Path SCRIPT = Path.of("..", "embedllm");

  @TempDir private Path temporary;

  private Path home;
  private Path tools;
  private final Map<String, String> environment = new TreeMap<>();

  private record Outcome(int status, String out, String err) {}

  @BeforeEach
  void folders() throws IOException {
    home = Files.createDirectories(temporary.toRealPath().resolve("a folder"));
    tools = Files.createDirectories(temporary.resolve("tools"));
    Path noJvms = Files.createDirectories(temporary.resolve("no-jvms"));
    String script = Files.readString(SCRIPT).replace("/usr/lib/jvm", noJvms.toString());
    executable(home.resolve("embedllm"), script.replace("/opt/", noJvms + "/"));
    for (String tool :
        List.of(
            "dirname",
            "readlink",
            "mkdir",
            "cat",
            "tee",
            "grep",
            "head",
            "rm",
            "mv",
            "awk",
            "touch",
            "stat",
            "uname",
            "mktemp",
            "chmod",
            "find",
            "sleep",
            "sha256sum")) {
      for (String folder : List.of("/usr/bin", "/bin")) {
        Path real = Path.of(folder, tool);
        if (Files.exists(real) && !Files.exists(tools.resolve(tool))) {
          Files.createSymbolicLink(tools.resolve(tool), real);
        }
      }
    }
    environment.put("PATH", tools.toString());
    environment.put("HOME", noJvms.toString());
    environment.put("LANG", "C.UTF-8");
  }

  private static void executable(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /// A JDK whose `java` prints its arguments, a line each, and ends with status 7.
  private Path jdk(String name, String version) throws IOException {
    Path jdk = temporary.resolve(name);
    executable(
        jdk.resolve("bin/java"),
        """
        #!/bin/sh
        for word in "$@"; do
          case $word in -XX:AOTCacheOutput=*) echo cache >"${word#*=}"; exit 0 ;; esac
          echo "[$word]"
        done
        echo locale $LC_ALL
        exit 7
        """);
    executable(jdk.resolve("bin/javac"), "#!/bin/sh\n");
    Files.writeString(
        jdk.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
    return jdk;
  }

  private void built() throws IOException {
    Path target = Files.createDirectories(home.resolve("app/target"));
    Files.createDirectories(target.resolve("lib"));
    Files.writeString(target.resolve("embedllm.jar"), "");
    Files.setLastModifiedTime(target.resolve("embedllm.jar"), FileTime.fromMillis(1_000_000));
  }

  private Outcome run(Path script, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("/bin/sh", script.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(temporary.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    CompletableFuture<String> err =
        CompletableFuture.supplyAsync(() -> text(process.getErrorStream()));
    String out = text(process.getInputStream());
    return new Outcome(process.waitFor(), out, err.get());
  }

  private Outcome run(String... arguments) throws Exception {
    return run(home.resolve("embedllm"), arguments);
  }

  private static String text(InputStream stream) {
    try (stream) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void noJdk_isSaidWithWhatToInstall() throws Exception {
    built();
    environment.put("JAVA_HOME", jdk("jdk-17", "17.0.15").toString());
    Outcome outcome = run("models", "M");
    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err()).contains("version 25").contains("adoptium").contains("JAVA_HOME");
  }

  @Test
  void arguments_passThrough_andSoDoesTheStatus() throws Exception {
    built();
    environment.put("JAVA_HOME", jdk("a jdk", "25.0.3").toString());
    Outcome outcome = run("route", "M", "what's \"this\" $HOME? *", "");
    assertThat(outcome.status()).isEqualTo(7);
    assertThat(outcome.out())
        .contains("[route]\n[M]\n[what's \"this\" $HOME? *]\n[]\n")
        .containsPattern(
            "\\[-XX:AOTCache=" + home.resolve("app/target") + "/embedllm-[0-9a-f]{16}\\.aot]")
        .doesNotContain("jdk.incubator.vector");
    assertThat(outcome.err()).contains("preparing quick starts").hasLineCount(1);
    assertThat(run("route", "M").err()).isEmpty();
  }

  @Test
  void cache_servesEveryWayToCallTheScript() throws Exception {
    built();
    environment.put("JAVA_HOME", jdk("jdk-25", "25.0.3").toString());
    Path link = Files.createSymbolicLink(temporary.resolve("link"), home.resolve("embedllm"));

    assertThat(run("models").err()).contains("preparing quick starts");
    assertThat(run(Path.of("a folder", "embedllm"), "models").err()).isEmpty();
    assertThat(run(Path.of("./a folder/../a folder/embedllm"), "models").err()).isEmpty();
    assertThat(run(link, "models").err()).isEmpty();
  }

  private String cache() throws Exception {
    Matcher cache = Pattern.compile("-XX:AOTCache=(.*)]").matcher(run("route", "M").out());
    assertThat(cache.find()).isTrue();
    return cache.group(1);
  }

  @Test
  void cache_isNamedByWhatItIsMadeOf() throws Exception {
    built();
    Path target = home.resolve("app/target");
    environment.put("JAVA_HOME", jdk("jdk-25", "25.0.3").toString());
    Path jar = Files.writeString(target.resolve("lib/library.jar"), "1");
    String first = cache();
    Files.setLastModifiedTime(jar, FileTime.fromMillis(5_000));
    assertThat(cache()).as("the same jar with another time").isEqualTo(first);
    Files.writeString(jar, "2");
    String second = cache();
    Files.writeString(temporary.resolve("jdk-25/release"), "JAVA_VERSION=\"25.0.4\"\n");
    String third = cache();

    assertThat(List.of(first, second, third)).doesNotHaveDuplicates();
    assertThat(Path.of(third)).exists();
    assertThat(Path.of(first)).doesNotExist();
  }

  @Test
  void cacheOfOtherJars_isMadeAgain_orNotUsed() throws Exception {
    built();
    Path target = home.resolve("app/target");
    environment.put("JAVA_HOME", jdk("jdk-25", "25.0.3").toString());
    run("route", "M");
    // Another library of the same size and second.
    Path jar = Files.writeString(target.resolve("lib/library.jar"), "1");
    run("route", "M");
    FileTime time = Files.getLastModifiedTime(jar);
    Files.writeString(jar, "2");
    Files.setLastModifiedTime(jar, FileTime.from(time.toInstant().plusNanos(1)));

    Outcome again = run("route", "M");
    Files.writeString(jar, "333");
    target.toFile().setWritable(false);
    Outcome readOnly = run("route", "M");
    target.toFile().setWritable(true);

    assertThat(again.err()).contains("preparing quick starts");
    boolean root = "root".equals(System.getProperty("user.name")); // It may write everywhere.
    assertThat(readOnly.out()).contains(root ? "[-XX:AOTCache=" + target : "[-XX:AOTMode=off]");
  }

  @Test
  void cache_interruptedWhileItIsMade_leavesNothingAndIsMadeByTheNextStart() throws Exception {
    built();
    Path target = home.resolve("app/target");
    Path jdk = jdk("jdk-25", "25.0.3");
    environment.put("JAVA_HOME", jdk.toString());
    String java = Files.readString(jdk.resolve("bin/java"));
    executable(
        jdk.resolve("bin/java"), java.replace("exit 0", "kill -TERM $PPID; sleep 1; exit 143"));

    assertThat(run("route", "M").status()).isEqualTo(143);
    try (Stream<Path> files = Files.list(target)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("embedllm.jar", "lib", "rehearsal.log");
    }
    executable(jdk.resolve("bin/java"), java);
    assertThat(Path.of(cache())).exists();
  }

  @Test
  void closedDescriptors_areNotGivenToOtherFiles() throws Exception {
    built();
    environment.put("JAVA_HOME", jdk("jdk-25", "25.0.3").toString());
    run("route", "M");
    Path seen = temporary.resolve("seen");
    Path script = home.resolve("embedllm");
    for (String closed : List.of("<&-", "2>&-")) {
      ProcessBuilder builder =
          new ProcessBuilder(
              "/bin/sh", "-c", "exec '%s' route M >'%s' %s".formatted(script, seen, closed));
      builder.environment().clear();
      builder.environment().putAll(environment);
      assertThat(builder.start().waitFor()).as(closed).isEqualTo(7);
      assertThat(seen).content().contains("[route]\n[M]\n");
    }
  }

  @Test
  void environmentWithoutHome_isNoError() throws Exception {
    built();
    environment.put("JAVA_HOME", jdk("jdk-25", "25.0.3").toString());
    environment.remove("HOME");
    assertThat(run("route", "M").out()).contains("[route]\n[M]\n");
  }

  @Test
  void commandThatComputes_getsTheVectorModule() throws Exception {
    built();
    environment.put("JAVA_HOME", jdk("jdk-25", "25").toString());
    Outcome outcome = run("train", "D", "--to", "M");
    assertThat(outcome.out()).contains("[--add-modules]\n[jdk.incubator.vector]\n");
    assertThat(outcome.out()).contains("[-Dembedllm.stderr=3]").contains("[train]\n[D]\n[--to]");
  }

  @Test
  void furtherOptions_reachJava_whichMayComplainAboutThem() throws Exception {
    built();
    environment.put("JAVA_HOME", jdk("jdk-25", "25.0.1").toString());
    environment.put("EMBEDLLM_JAVA_OPTIONS", "-Xmx2g -ea");
    Outcome outcome = run("train", "D");
    assertThat(outcome.out()).contains("[-Xmx2g]\n[-ea]\n").doesNotContain("embedllm.stderr=3");
  }

  @Test
  void symbolicLink_findsItsFolder() throws Exception {
    built();
    environment.put("JAVA_HOME", jdk("jdk-25", "25.0.3").toString());
    Path link = temporary.resolve("link");
    Files.createSymbolicLink(link, Path.of("a folder", "embedllm"));
    assertThat(run(link, "models").out()).contains("a folder/app/target/embedllm.jar]");
  }

  @Test
  void locale_isUtf8AndEnglish_whateverTheUserHas() throws Exception {
    built();
    environment.put("JAVA_HOME", jdk("jdk-25", "25.0.3").toString());
    for (String own : List.of("C", "de_DE.UTF-8", "de_DE")) {
      environment.put("LC_ALL", own);
      assertThat(run("models").out()).contains("locale C.UTF-8");
    }
  }

  @Test
  void firstUse_withoutMaven_saysWhatToInstall() throws Exception {
    environment.put("JAVA_HOME", jdk("jdk-25", "25.0.3").toString());
    Outcome outcome = run("models");
    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.err()).contains("Maven").contains("apt-get install maven");
  }

  @Test
  void firstUse_buildsWithProgress_thenRuns() throws Exception {
    environment.put("JAVA_HOME", jdk("jdk-25", "25.0.3").toString());
    executable(
        tools.resolve("mvn"),
        """
        #!/bin/sh
        echo "[INFO] Building EmbedLLM core 0.1.0            [2/4]"
        mkdir -p app/target/lib && echo >app/target/embedllm.jar
        """);
    Outcome outcome = run("train");
    assertThat(outcome.err()).contains("first use").contains("EmbedLLM core 0.1.0 [2/4]");
    assertThat(outcome.out()).startsWith("[").contains("[train]");
    assertThat(outcome.status()).isEqualTo(7);
    assertThat(run("train").err()).isEmpty();
  }

  @Test
  void failedBuild_isSaidWithMavensError_andTriedAgain() throws Exception {
    environment.put("JAVA_HOME", jdk("jdk-25", "25.0.3").toString());
    executable(tools.resolve("mvn"), "#!/bin/sh\necho '[ERROR] no such artifact'\nexit 1\n");
    for (int attempt = 0; attempt < 2; attempt++) {
      Outcome outcome = run("train");
      assertThat(outcome.status()).isEqualTo(1);
      assertThat(outcome.out()).isEmpty();
      assertThat(outcome.err()).contains("[ERROR] no such artifact").contains("build.log");
    }
  }
}
