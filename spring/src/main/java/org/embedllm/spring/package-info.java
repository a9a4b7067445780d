/// Auto-configuration of a trained router for Spring Boot and Spring AI.
@NullMarked
package org.embedllm.spring;

import org.jspecify.annotations.NullMarked;
