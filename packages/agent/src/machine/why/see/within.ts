/** Rejects if the look takes longer than that many milliseconds. What it finds later, nobody asks for. */
export const within = async <T>(milliseconds: number, look: Promise<T>): Promise<T> => {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds / 1000} s`)), milliseconds)
  try {
    return await Promise.race([look, late])
  } finally {
    clearTimeout(timer)
  }
}
