// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/language.h"

#include <QCoreApplication>
#include <QLibraryInfo>
#include <QLocale>
#include <QTranslator>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

bool load(QCoreApplication &application, const QLocale &locale, const QString &name, const QString &folder)
{
    auto *translator = new QTranslator(&application);
    const bool loaded = translator->load(locale, name, u"_"_s, folder);
    if (loaded)
        application.installTranslator(translator);
    else
        delete translator;
    return loaded;
}

} // namespace

void loadLanguage(QCoreApplication &application, const QString &chosen)
{
    const QLocale locale = chosen.isEmpty() ? QLocale() : QLocale(chosen);
    QLocale::setDefault(locale);
    load(application, locale, u"qtbase"_s, QLibraryInfo::path(QLibraryInfo::TranslationsPath));
    // English has a file too, for its plural forms: it serves every language that we don't speak.
    if (!load(application, locale, u"bottega"_s, u":/i18n"_s))
        load(application, QLocale(QLocale::English), u"bottega"_s, u":/i18n"_s);
}

} // namespace bottega
