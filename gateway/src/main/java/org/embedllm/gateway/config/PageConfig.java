package org.embedllm.gateway.config;

import java.nio.file.Path;
import java.util.Optional;

/// The web page beside the API.
///
/// @param shown whether there is one
/// @param dataset data set whose questions it may measure on; empty for none
public record PageConfig(boolean shown, Optional<Path> dataset) {
  public static final PageConfig DEFAULT = new PageConfig(true, Optional.empty());
  public static final PageConfig OFF = new PageConfig(false, Optional.empty());
}
