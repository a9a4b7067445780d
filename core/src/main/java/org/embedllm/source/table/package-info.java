/// Tables with a row for each answer: CSV, JSON Lines and Parquet.
@NullMarked
package org.embedllm.source.table;

import org.jspecify.annotations.NullMarked;
