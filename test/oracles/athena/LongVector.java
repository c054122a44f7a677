package jdk.incubator.vector;

/** See {@link VectorShape}. */
public abstract class LongVector {
  public static final VectorSpecies<Long> SPECIES_PREFERRED = null;

  private LongVector() {}
}
