package org.embedllm.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.embedllm.gateway.config.ConfigReader;
import org.embedllm.gateway.config.GatewayConfig;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// What the files in `deploy` say, beside what the gateway and the archive are.
class DeploymentTest {
  private static final Path DEPLOY = Path.of("../deploy");

  @Test
  void gatewayConfiguration_isReadByTheGateway() {
    GatewayConfig config = config();
    assertThat(config.upstreams()).hasSize(2);
    assertThat(config.store().url()).hasValue("jdbc:postgresql://db/embedllm");
  }

  @Test
  void compose_files_exist() throws IOException {
    Map<?, ?> services = map(map(documents("compose.yaml").getFirst()).get("services"));
    List<String> mounted = new ArrayList<>();
    for (Object service : services.values()) {
      for (Object volume : list(map(service).get("volumes"))) {
        String source = String.valueOf(volume).split(":", 2)[0];
        if (source.startsWith(".") && !source.equals("../data")) {
          mounted.add(source);
        }
      }
    }
    assertThat(mounted).hasSize(5).allSatisfy(f -> assertThat(DEPLOY.resolve(f)).isRegularFile());
    Map<?, ?> gateway = map(services.get("gateway"));
    Map<?, ?> build = map(gateway.get("build"));
    assertThat(
            DEPLOY
                .resolve(String.valueOf(build.get("context")))
                .resolve(String.valueOf(build.get("dockerfile"))))
        .isRegularFile();
    assertThat(String.valueOf(gateway.get("read_only"))).isEqualTo("true");
    String scraped = Files.readString(DEPLOY.resolve("prometheus.yml"));
    assertThat(scraped).contains("gateway:" + config().listen().port());
  }

  @Test
  void kubernetes_probes_areTheGatewaysEndpoints() throws IOException {
    Map<?, ?> deployment =
        documents("kubernetes.yaml").stream()
            .map(DeploymentTest::map)
            .filter(document -> "Deployment".equals(document.get("kind")))
            .findFirst()
            .orElseThrow();
    Map<?, ?> pod = map(map(map(deployment.get("spec")).get("template")).get("spec"));
    Map<?, ?> container = map(list(pod.get("containers")).getFirst());
    assertThat(path(container, "startupProbe")).isEqualTo("/readyz");
    assertThat(path(container, "readinessProbe")).isEqualTo("/readyz");
    assertThat(path(container, "livenessProbe")).isEqualTo("/healthz");
    assertThat(number(map(list(container.get("ports")).getFirst()).get("containerPort")))
        .isEqualTo(config().listen().port());
    assertThat(list(container.get("args")).toString()).startsWith("[serve, ");
    assertThat(Duration.ofSeconds(number(pod.get("terminationGracePeriodSeconds"))))
        .isGreaterThan(stop());
  }

  @Test
  void unit_timeToStop_isLongerThanTheGateways() throws IOException {
    String unit = Files.readString(DEPLOY.resolve("embedllm.service"));
    Matcher seconds = Pattern.compile("TimeoutStopSec=(\\d+)s").matcher(unit);
    assertThat(seconds.find()).isTrue();
    assertThat(Duration.ofSeconds(Long.parseLong(seconds.group(1)))).isGreaterThan(stop());
    assertThat(unit).contains("/bin/embedllm serve");
  }

  @Test
  void image_copiesWhatTheBuildLeaves() throws IOException {
    String image = Files.readString(DEPLOY.resolve("Dockerfile"));
    assertThat(image)
        .contains("dist/target/embedllm-*-linux-*.tar.gz")
        .contains("USER 10001")
        .contains("VOLUME /data")
        .contains("/dev/tcp/127.0.0.1/" + config().listen().port())
        .contains("GET /readyz");
  }

  private static Duration stop() {
    return config().limits().drain().plus(config().limits().gracePeriod());
  }

  private static GatewayConfig config() {
    return new ConfigReader(Map.of("OPENAI_API_KEY", "a", "PGPASSWORD", "b"))
        .read(DEPLOY.resolve("gateway.yaml"));
  }

  private static String path(Map<?, ?> container, String probe) {
    return String.valueOf(map(map(container.get(probe)).get("httpGet")).get("path"));
  }

  private static List<Object> documents(String name) throws IOException {
    List<Object> documents = new ArrayList<>();
    new Load(LoadSettings.builder().build())
        .loadAllFromString(Files.readString(DEPLOY.resolve(name)))
        .forEach(documents::add);
    return documents;
  }

  private static int number(@Nullable Object node) {
    return (Integer) Objects.requireNonNull(node);
  }

  private static Map<?, ?> map(@Nullable Object node) {
    return (Map<?, ?>) Objects.requireNonNull(node);
  }

  private static List<?> list(@Nullable Object node) {
    return (List<?>) Objects.requireNonNull(node);
  }
}
