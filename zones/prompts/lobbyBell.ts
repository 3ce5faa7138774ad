const rateHz = 48_000;
const strokeMs = 350;
/** A falling third, as doors have it. */
const strokesHz = [784, 622];
const loudness = 9000;
/** How fast a stroke fades. */
const fadePerSecond = 7;

/** What hosts on phones hear when somebody waits at the door: 48 kHz, one channel. */
export const lobbyBell: Int16Array = Int16Array.from(
  { length: (strokesHz.length * strokeMs * rateHz) / 1000 },
  (_, index) => {
    const perStroke = (strokeMs * rateHz) / 1000;
    const seconds = (index % perStroke) / rateHz;
    const hz = strokesHz[Math.floor(index / perStroke)] ?? 0;
    // Begins softly, or it would click.
    const attack = Math.min(1, seconds * 200);
    return Math.round(
      loudness * attack * Math.exp(-fadePerSecond * seconds) * Math.sin(2 * Math.PI * hz * seconds),
    );
  },
);
