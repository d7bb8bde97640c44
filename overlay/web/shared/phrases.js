// What both pages say, in the languages of words.js.

export const COMMON = {
    live: ['LIVE', 'LIVE', 'EN DIRECT', 'EN DIRECTO', 'مباشر'],
    viewers: ['{n} watching', '{n} schauen zu', '{n} regardent', '{n} viendo', 'يشاهد الآن: {n}'],
    close: ['Close', 'Schließen', 'Fermer', 'Cerrar', 'إغلاق'],
    soldOut: ['Sold out', 'Ausverkauft', 'Épuisé', 'Agotado', 'نفدت الكمية'],
    left: ['{n} left', 'Noch {n}', 'Reste {n}', 'Quedan {n}', 'المتبقي: {n}'],
    onScreen: ['On screen', 'Im Bild', 'À l’écran', 'En pantalla', 'على الشاشة'],
};
