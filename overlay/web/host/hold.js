// A button that acts only when it is held, so that no thumb does it by accident. A keyboard
// holds it too; a tap of assistive technology, which cannot, does it twice.

const HOLD_MS = 1000;
const TWICE_MS = 4000;

// again(): told when a second tap is awaited.
export function listenToHold(button, action, again) {
    let timer = 0;
    let touched = false;
    let tapped = -Infinity;

    const begin = () => {
        touched = true;
        if (timer || button.disabled) return;
        button.classList.add('pressing');
        timer = setTimeout(() => {
            end();
            action();
        }, HOLD_MS);
    };
    const end = () => {
        clearTimeout(timer);
        timer = 0;
        button.classList.remove('pressing');
    };
    button.addEventListener('pointerdown', begin);
    for (const type of ['pointerup', 'pointerleave', 'pointercancel', 'blur', 'keyup']) button.addEventListener(type, end);
    button.addEventListener('keydown', event => {
        if (event.key !== ' ' && event.key !== 'Enter') return;
        event.preventDefault();
        if (!event.repeat) begin();
    });
    button.addEventListener('contextmenu', event => event.preventDefault());
    button.addEventListener('click', event => {
        if (event.isTrusted && touched) {
            touched = false;
            return;
        }
        const now = performance.now();
        if (now - tapped < TWICE_MS) action();
        else again();
        tapped = now - tapped < TWICE_MS ? -Infinity : now;
    });
}
