/// What people make passwords of: the words of a list of our own, German and English, and the rows of keyboards.
enum CommonPasswords {
    /// In lower case.
    static let all = Set(text.split(whereSeparator: \.isWhitespace).map(String.init))

    static let shortest = 3
    static let longest = 24

    /// Along which fingers and children run.
    static let rows: [[Character]] = [
        "abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopü", "asdfghjklöä",
        "yxcvbnm", "zxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn", "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
        "1q2w3e4r5t6z7u8i9o0p",
        "1q2w3e4r5t6y7u8i9o0p", "147258369", "2468", "13579",
    ].map(Array.init)

    private static let text = """
        abc abcd access adler admin administrator affe alexander all alles always amanda amazon america and
        andrea andreas andrew android angel anna anything apfel apple april arzt asd asdf ashley audi august
        austria auto autumn babe baby backup baer bahn bambi banana banane bar baseball basketball batman
        battery bayern baz beach bear beer benutzer berg berlin besprechung best beste bier bike bin bird
        biteme bitte blabla black blah blau blitz blue blume borussia brother bruder buero bunny bus butter
        butterfly call camaro car cat champion change changeme charlie chat cheese chocolate christ christian
        church cisco claudia coffee company computer config cookie correct corvette daisy daniel danke david
        debian december default dein delfin demo deutschland devil dezember diamond dienstag doctor dog dolphin
        donald donner donnerstag dortmund drache dragon drei eagle earth edc eins elefant elephant engel
        england enter erde excel facebook fahrrad familie family father februar february ferrari feuer fire
        firma fisch fish fitness five flower fluss foo foobar football forest fortnite four frankfurt freedom
        freiheit freitag freude freund friday frieden friend fruehling fuenf funf fussball game gamer garden
        garfield garten gast geheim gelb geld george germany ginger gitarre gluck glueck god gold golden golf
        goofy google gott green gruen guest guitar haha hahaha hallo hamburg handy happy harley hase haus
        heaven held hell hello help herbst hero heute hidden hilfe himmel hockey holle honey horse house hund
        hunter hyper ich ilove iloveyou immer info init insel instagram internet iphone island ist james jan
        januar january jennifer jessica jesus john jordan joseph joshua juli julia july june juni kaese kaffee
        katze kennwort killer kirche kitchen knight koeln konferenz lalala laptop laura legend legende lehrer
        lena leon letmein liebe lieben lightning lila lilly linux lion lisa loewe login london love lucky lukas
        maerz magic magie mai mama march maria mario markus martin master matrix matthew matthias maus max may
        meer meeting mega mein mercedes metal metallica michael michelle mickey microsoft minecraft minnie
        mittwoch mond monday money monika monkey montag moon morgen mother mountain mouse muenchen music musik
        mustang mutter naruto nein network netzwerk never nicht nicole ninja nirvana nokia not nothing november
        number nummer ocean october oesterreich office okay oktober one open oracle orange outlook panda papa
        paris pass passwd password passwort paul peace peanut pepper peter petra pferd phoenix phone piano
        pikachu pizza player please pokemon police polizei porsche power princess prinzessin privat private
        purple qay queen qwe rabbit rainbow ranger raum red regenbogen restore rfv rich richard ritter river
        robert rock room root rose rot sabine samstag samsung samurai sandra sarah saturday schalke schatten
        schatz schatzi schmetterling schnee schokolade school schule schwarz schweiz schwester scooby sebastian
        secret security september server service sesame setup shadow sicherheit sieger silber silver sister
        slipknot snoopy snow soccer soldat soldier something sommer sonic sonne sonnenschein sonntag spiderman
        spiel spieler sport spring staple star start startrek starwars stefan stephanie stern stop storm strand
        student sturm stuttgart sugar summer sunday sunflower sunshine super superman support susanne sweet
        system teacher team temp temporary tennis test tester testing teufel tgb thanks that the this thomas
        three thunder thursday tiger tobias today tomorrow train trainer trust trustno tuesday turbo twitter
        two ubuntu ultra und unser user vater versteckt vertrauen video vier vogel wald warrior wasser water
        wednesday wein weiss welcome whatever whatsapp white william willkommen wind windows wine winner winter
        wir wizard wolf word wsx xyz yellow yes you your youtube yxcv zauberer zelda zugang zwei
        """
}
