package org.embedllm.spring;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Settings of the router.
///
/// @param model Model file that 'embedllm train' wrote. Without it nothing is configured.
/// @param policy How a model is chosen: best, cheapest@P, budget@USD or dial@Q.
/// @param prices CSV of prices with the columns model,input,output,call. Without it, costs are
///   those of the logs.
/// @param defaultModel Model for prompts that are unlike all training questions. Without it, the
///   model with the best results in training.
/// @param mode Whether an advisor names the model at one endpoint, a chat model delegates to beans,
///   or the application calls the router itself.
/// @param models Name of the ChatModel bean for each model of the file. Without it, beans that have
///   the name of a model, or name it in their options.
/// @param adviseAll Whether every ChatClient.Builder gets the advisor.
/// @param reloadInterval How often the model file is looked at for a new version; 0 for never.
@ConfigurationProperties("embedllm")
public record EmbedLlmProperties(
    Path model,
    @DefaultValue("best") String policy,
    @Nullable Path prices,
    @Nullable String defaultModel,
    @DefaultValue("none") Mode mode,
    @DefaultValue Map<String, String> models,
    @DefaultValue("false") boolean adviseAll,
    @DefaultValue("30s") Duration reloadInterval) {

  public EmbedLlmProperties {
    models = Map.copyOf(models);
  }

  /// Where routes take effect.
  public enum Mode {
    /// The application calls the router.
    NONE,
    /// An advisor sets the model of a request; one endpoint has all models.
    ADVISOR,
    /// A chat model delegates to the application's chat models.
    CHAT_MODEL
  }
}
