package jdk.incubator.vector;

/** See {@link VectorShape}. */
public abstract class IntVector {
  public static final VectorSpecies<Integer> SPECIES_PREFERRED = null;

  private IntVector() {}
}
