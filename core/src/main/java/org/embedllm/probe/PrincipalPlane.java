package org.embedllm.probe;

import java.util.ArrayList;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.SingularOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;
import org.embedllm.tensor.FloatMatrix;

/// The plane through a cloud of points that keeps most of its variance (principal components,
/// Pearson 1901): on this map, points that are far apart are truly far apart; near points may still
/// differ in the other directions.
///
/// @param places one for each point, in their order, around the origin; each axis is oriented so
///   that its farthest point is positive
/// @param firstShare share of the variance along the first axis, in [0, 1]
/// @param secondShare share of the variance along the second axis, in [0, firstShare]
public record PrincipalPlane(List<Place> places, double firstShare, double secondShare) {
  public PrincipalPlane {
    places = List.copyOf(places);
  }

  /// A point's place on the plane, in the unit of the points' own distances.
  public record Place(double x, double y) {}

  /// The plane of some points.
  ///
  /// @param points [m, d], at least one
  /// @throws IllegalArgumentException when there are no points
  public static PrincipalPlane of(FloatMatrix points) {
    int m = points.rows();
    int d = points.columns();
    if (m == 0) {
      throw new IllegalArgumentException("a map needs at least one point");
    }
    DMatrixRMaj centered = centered(points);
    var svd = DecompositionFactory_DDRM.svd(m, d, true, true, true);
    if (!svd.decompose(centered)) {
      throw new ArithmeticException("the points are not finite");
    }
    DMatrixRMaj u = svd.getU(new DMatrixRMaj(m, Math.min(m, d)), false);
    DMatrixRMaj w = svd.getW(new DMatrixRMaj(Math.min(m, d), Math.min(m, d)));
    SingularOps_DDRM.descendingOrder(u, false, w, svd.getV(new DMatrixRMaj(d, d), false), false);
    double[] first = axis(u, w, 0);
    double[] second = axis(u, w, 1);
    List<Place> places = new ArrayList<>(m);
    for (int i = 0; i < m; i++) {
      places.add(new Place(first[i], second[i]));
    }
    double total = total(svd);
    return new PrincipalPlane(places, share(first, total), share(second, total));
  }

  private static DMatrixRMaj centered(FloatMatrix points) {
    int m = points.rows();
    int d = points.columns();
    DMatrixRMaj centered = new DMatrixRMaj(m, d);
    for (int k = 0; k < d; k++) {
      double mean = 0;
      for (int i = 0; i < m; i++) {
        mean += points.get(i, k);
      }
      mean /= m;
      for (int i = 0; i < m; i++) {
        centered.set(i, k, points.get(i, k) - mean);
      }
    }
    return centered;
  }

  /// `[m]` coordinates along a component; zeros where there is none.
  private static double[] axis(DMatrixRMaj u, DMatrixRMaj w, int component) {
    int m = u.numRows;
    double[] along = new double[m];
    if (component >= w.numCols) {
      return along;
    }
    int farthest = 0;
    for (int i = 0; i < m; i++) {
      along[i] = u.get(i, component) * w.get(component, component);
      farthest = Math.abs(along[i]) > Math.abs(along[farthest]) ? i : farthest;
    }
    if (along[farthest] < 0) {
      for (int i = 0; i < m; i++) {
        along[i] = -along[i];
      }
    }
    return along;
  }

  private static double total(SingularValueDecomposition_F64<DMatrixRMaj> svd) {
    double sum = 0;
    double[] singular = svd.getSingularValues();
    for (int k = 0; k < svd.numberOfSingularValues(); k++) {
      sum += singular[k] * singular[k];
    }
    return sum;
  }

  private static double share(double[] along, double total) {
    double sum = 0;
    for (double x : along) {
      sum += x * x;
    }
    return total > 0 ? sum / total : 0;
  }
}
