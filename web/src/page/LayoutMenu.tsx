import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { LayoutName } from '../protocol/index.ts';
import { LayoutIcon } from './icons.tsx';
import { layoutWords } from './stageView.ts';

interface LayoutMenuProps {
  readonly layout: LayoutName;
  readonly onLayout: (layout: LayoutName) => void;
}

/** A host's choice of what the picture looks like. */
export function LayoutMenu({ layout, onLayout }: LayoutMenuProps): JSX.Element {
  const [open, setOpen] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  useEffect(() => {
    if (!open) return undefined;
    place.current?.querySelector<HTMLElement>('[aria-checked=true]')?.focus();
    const outside = ({ target }: Event): void => {
      if (target instanceof Node && place.current?.contains(target) === false) setOpen(false);
    };
    window.addEventListener('pointerdown', outside);
    return () => window.removeEventListener('pointerdown', outside);
  }, [open]);
  const choose = (chosen: LayoutName): void => {
    onLayout(chosen);
    close();
  };
  return (
    <div
      class="menu-place"
      ref={place}
      onKeyDown={(event) => {
        if (open) moveInMenu(event, close);
      }}
    >
      <button
        type="button"
        class="control"
        aria-haspopup="menu"
        aria-expanded={open}
        ref={button}
        onClick={() => setOpen(!open)}
      >
        <LayoutIcon />
        <span>Layout</span>
      </button>
      {open && (
        <div class="menu" role="menu" aria-label="Layout">
          {Object.keys(layoutWords).map((key) => {
            const name = key as LayoutName;
            return (
              <LayoutItem key={key} name={name} chosen={name === layout} onChoose={() => choose(name)} />
            );
          })}
        </div>
      )}
    </div>
  );
}

interface LayoutItemProps {
  readonly name: LayoutName;
  readonly chosen: boolean;
  readonly onChoose: () => void;
}

function LayoutItem({ name, chosen, onChoose }: LayoutItemProps): JSX.Element {
  const { title, detail, sketch } = layoutWords[name];
  return (
    <button type="button" role="menuitemradio" tabIndex={-1} aria-checked={chosen} onClick={onChoose}>
      <svg class="sketch" viewBox="-1 -1 26 18" aria-hidden="true" focusable="false">
        {sketch.map(([x, y, width, height]) => (
          <rect key={`${x} ${y}`} x={x} y={y} width={width} height={height} rx="1" />
        ))}
      </svg>
      <span>
        {title}
        <small>{detail}</small>
      </span>
    </button>
  );
}

/** The keys of a menu, as the ARIA Authoring Practices have them. */
function moveInMenu(event: TargetedKeyboardEvent<HTMLElement>, close: () => void): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role^=menuitem]')];
  const at = items.findIndex((item) => item === document.activeElement);
  const targets: Readonly<Record<string, number>> = {
    ArrowDown: (at + 1) % items.length,
    ArrowUp: (at - 1 + items.length) % items.length,
    Home: 0,
    End: items.length - 1,
  };
  const target = targets[event.key];
  if (target !== undefined) items[target]?.focus();
  else if (event.key === 'Escape' || event.key === 'Tab') close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}
