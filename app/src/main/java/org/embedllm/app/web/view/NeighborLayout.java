package org.embedllm.app.web.view;

import java.util.ArrayList;
import java.util.List;
import org.embedllm.probe.PrincipalPlane.Place;
import org.embedllm.tensor.FloatMatrix;
import tagbio.umap.Umap;

/// A layout in two dimensions that keeps neighbors together: UMAP (McInnes, Healy and Melville,
/// 2018) with 15 neighbors and a least distance of 0.1. The same points give the same layout.
final class NeighborLayout {
  private static final int NEIGHBORS = 15;
  private static final float LEAST_DISTANCE = 0.1f;
  private static final long SEED = 0;

  private NeighborLayout() {}

  /// @param points [m, d], m at least 3
  static List<Place> of(FloatMatrix points) {
    int m = points.rows();
    float[][] rows = new float[m][]; // [m][d]
    for (int i = 0; i < m; i++) {
      rows[i] = points.row(i);
    }
    Umap umap =
        new Umap()
            .setNumberNearestNeighbours(Math.min(NEIGHBORS, m - 1))
            .setMinDist(LEAST_DISTANCE)
            .setSeed(SEED)
            .setThreads(1)
            .setVerbose(false);
    float[][] layout = umap.fitTransform(rows); // [m][2]
    List<Place> places = new ArrayList<>(m);
    for (float[] place : layout) {
      places.add(new Place(place[0], place[1]));
    }
    return places;
  }
}
