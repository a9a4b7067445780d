package example;

import java.util.List;
import java.util.Map;
import org.embedllm.routing.Route;
import org.embedllm.spring.ReloadingRouter;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.core.env.Environment;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;

/// `GET /ask?prompt=…` asks the model that will most likely be right, through its OpenAI-compatible
/// server. `NAME.url` in `application.properties` says where that is.
@SpringBootApplication
@RestController
public class RoutingApplication {
  private final ReloadingRouter router;
  private final Environment environment;

  public RoutingApplication(ReloadingRouter router, Environment environment) {
    this.router = router;
    this.environment = environment;
  }

  public static void main(String[] arguments) {
    SpringApplication.run(RoutingApplication.class, arguments);
  }

  @GetMapping("/ask")
  String ask(@RequestParam String prompt) {
    Route route = router.route(prompt);
    return RestClient.create()
        .post()
        .uri(environment.getRequiredProperty(route.model() + ".url") + "/chat/completions")
        .contentType(MediaType.APPLICATION_JSON)
        .body(
            Map.of(
                "model",
                route.model(),
                "messages",
                List.of(Map.of("role", "user", "content", prompt))))
        .retrieve()
        .body(String.class);
  }
}
