import { encode } from 'uqr';

/** Modules around the code that stay white: ISO/IEC 18004 asks for four. */
const quietZone = 4;

function pathOf(rows: readonly (readonly boolean[])[]): string {
  return rows
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x + quietZone} ${y + quietZone}h1v1h-1z` : '')))
    .join('');
}

/** A text as a QR code: black on white also in the dark, since many cameras read no other. */
export function QrCode({ value, label }: { readonly value: string; readonly label: string }) {
  const { data } = encode(value, { border: 0 });
  const size = data.length + 2 * quietZone;
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      className="mx-auto size-48 shrink-0 rounded-card border border-line"
      data-testid="qr-code"
    >
      <rect width={size} height={size} fill="white" />
      <path d={pathOf(data)} fill="black" />
    </svg>
  );
}
